"""Teams and reps: capacity, weight, and who manages whom."""
