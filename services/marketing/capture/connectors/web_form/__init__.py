"""Forms on our own pages."""
