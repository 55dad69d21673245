"""What sellers do for a deal."""
