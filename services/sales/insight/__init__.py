"""What the deals amount to."""
