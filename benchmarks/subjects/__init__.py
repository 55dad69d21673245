"""Parts of the product, each run by itself in a process of its own."""
