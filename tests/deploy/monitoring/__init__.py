"""What watches a deployment: alerts that fire, and what is drawn."""
