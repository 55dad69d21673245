"""A deal's way: opened, moved through a pipeline, paid, closed, corrected."""
