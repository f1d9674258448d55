"""Migrations of the durable schemas."""
