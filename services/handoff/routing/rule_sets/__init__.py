"""Routing rules: the ordered conditions that name a lead's team, in versions."""
