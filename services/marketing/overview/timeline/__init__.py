"""Everything that happened between us and one person."""
