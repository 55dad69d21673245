"""Leads: registered from submissions, scored, qualified, and announced to handoff."""
