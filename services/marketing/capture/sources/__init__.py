"""Forms and connections: where submissions may come from, with keys and secrets."""
