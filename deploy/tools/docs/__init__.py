"""Pages that are made from the code, so that they can't fall behind it."""
