"""The ledgers (台账), one noun in two files: its declaration, and its question in SQL."""

from projections.ledger import Ledger
from projections.shelf import found_in

LEDGERS: dict[str, Ledger] = {name: module.LEDGER for name, module in found_in(__name__)}
"""Every ledger by its noun: what stands in this folder."""
