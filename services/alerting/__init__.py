"""Alerting: tells people what detection announces, once each, and a storm of it as one digest."""
