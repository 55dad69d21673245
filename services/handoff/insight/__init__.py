"""What handoff can say about its own work."""
