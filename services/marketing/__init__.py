"""Marketing: where customers come from and what they cost. The only place that knows people by name."""
