"""Channels and campaigns, and the names they go by at ad platforms and in links."""
