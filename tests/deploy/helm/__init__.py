"""The Helm chart: what of it is made from the code, and, with Helm, what it makes."""
