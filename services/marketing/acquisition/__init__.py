"""What brings people here, and what that costs."""
