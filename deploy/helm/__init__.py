"""The Helm chart of dibao, and what of it is made from the code."""
