"""Money that came in: what makes a win real."""
