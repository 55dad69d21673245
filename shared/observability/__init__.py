"""Logs without persons or secrets, metrics, and traces."""
