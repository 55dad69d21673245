"""What everybody in sales refers to."""
