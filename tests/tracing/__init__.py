"""Traces: from the request of an upstream to row, anomaly and notice, as a collector gets them."""
