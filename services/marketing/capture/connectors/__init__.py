"""Connectors: a folder per kind of sender, with its door and the adapter that reads its leads."""
