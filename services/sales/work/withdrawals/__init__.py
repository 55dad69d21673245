"""Leads that marketing took back: what becomes of their deals."""
