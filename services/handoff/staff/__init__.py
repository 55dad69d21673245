"""The people who take leads."""
