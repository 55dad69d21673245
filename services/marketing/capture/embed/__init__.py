"""What stands in pages: the snippet, its script, and a page of its own for each form."""
