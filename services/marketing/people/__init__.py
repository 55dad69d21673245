"""Who somebody is, and what they have seen of us."""
