"""A verifier of dibao's proofs that stands alone: it needs none of dibao's code."""
