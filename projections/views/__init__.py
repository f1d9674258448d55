"""The supervision views (监督视图), one noun in two files: its declaration, and its question in SQL."""

from events.shelf import found_in
from projections.view import View

VIEWS: dict[str, View] = {name: module.VIEW for name, module in found_in(__name__)}
"""Every view by its noun: what stands in this folder."""
