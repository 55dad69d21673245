"""Assignments: accepted, declined, lapsed, returned, answered and reassigned."""
