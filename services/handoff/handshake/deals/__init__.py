"""Handoff's copy of deals, which says whether a rep's lead still takes up capacity."""
