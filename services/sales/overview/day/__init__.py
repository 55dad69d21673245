"""A rep's day on one page."""
