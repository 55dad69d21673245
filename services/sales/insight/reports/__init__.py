"""What is open and what is won, in figures."""
