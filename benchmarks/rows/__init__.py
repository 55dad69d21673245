"""One module per row of the report."""
