"""The ledgers (台账), one noun in two files: its declaration, and its question in SQL."""

from events.shelf import found_in
from projections.ledger import Ledger

LEDGERS: dict[str, Ledger] = {name: module.LEDGER for name, module in found_in(__name__)}
"""Every ledger by its noun: what stands in this folder."""
