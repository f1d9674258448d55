"""Plumbing shared by the processes: settings, clients, pipeline, outbox, identity, sealing."""
