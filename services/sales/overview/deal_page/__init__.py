"""One deal with everything around it, the people included."""
