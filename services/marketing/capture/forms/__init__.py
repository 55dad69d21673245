"""Forms as people make and look at them. What doors need to know of one is below, in sources."""
