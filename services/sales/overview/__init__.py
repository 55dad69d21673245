"""Pages that show what several areas know."""
