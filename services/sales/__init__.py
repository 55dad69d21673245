"""Sales: what is open, what is won, and what was paid."""
