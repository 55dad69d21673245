"""The two capture equations: what was counted at the doors is there."""
