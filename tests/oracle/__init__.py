"""An independent, naive reading of the contract: the yardstick that the product is compared with.

Nothing here imports the product. Clarity over speed: one pass of grouping, then full scans.
"""
