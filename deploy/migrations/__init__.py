"""Migrations of the durable schemas: ``vault``, ``intake``, ``platform``. Derived schemas have none."""

from deploy.migrations.roles import RolesError, apply_roles, url_as
from deploy.migrations.upgrade import current_revision, upgrade

__all__ = ["RolesError", "apply_roles", "current_revision", "upgrade", "url_as"]
