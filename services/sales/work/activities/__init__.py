"""Calls, e-mails, meetings, demos and follow-ups of a deal."""
