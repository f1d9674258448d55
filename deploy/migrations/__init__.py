"""Migrations of the durable schemas: ``vault``, ``intake``, ``platform``. Derived schemas have none."""

from deploy.migrations.upgrade import current_revision, upgrade

__all__ = ["current_revision", "upgrade"]
