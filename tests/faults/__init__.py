"""Faults under load, and the ledger that says whether anything was lost: `python -m tests.faults --help`."""
