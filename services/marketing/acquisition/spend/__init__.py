"""Spend by campaign and day, and the dated rates that make currencies comparable."""
