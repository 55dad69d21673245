"""What came in is kept for its days, and no longer: bodies, and what was understood of them."""
