"""What marketing earned: deals credited to touches, and the reports on it."""
