"""The fairness ledger: whose turn it is, with the proof of every turn."""
