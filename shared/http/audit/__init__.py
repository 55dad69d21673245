"""Who did what, who was refused, and who may read that."""
