"""What our figures stand beside: the least that the same frameworks and servers need for it."""
