"""The contract, tested."""
