"""Handoff: who talks to a qualified lead, and whether it happened in time."""
