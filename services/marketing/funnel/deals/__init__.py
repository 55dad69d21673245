"""Marketing's copy of deals, which sales owns, and the won ones by day."""
