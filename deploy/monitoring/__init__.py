"""What watches a deployment: alert rules of Prometheus, and Grafana's dashboard."""
