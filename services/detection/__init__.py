"""Detection: facts become findings, by rules that are pure functions of facts, policy and the closed day."""
