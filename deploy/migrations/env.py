"""Run by Alembic: writes the SQL of the revisions asked for. ``upgrade.py`` runs it."""

from alembic import context

context.configure(dialect_name="postgresql", version_table_schema="public", literal_binds=True)
context.run_migrations()
