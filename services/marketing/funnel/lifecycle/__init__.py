"""Lifecycle stages of a lead, cycle by cycle, from what the three services say."""
