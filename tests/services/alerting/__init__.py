"""Alerting: what is told to whom, when, and that nothing is lost or told twice."""
