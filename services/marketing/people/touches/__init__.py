"""Touchpoints: every meeting of a person with something of ours."""
