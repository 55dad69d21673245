"""Who is on a deal, and their part in it."""
