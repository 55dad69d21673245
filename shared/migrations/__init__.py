"""Migrations of a service's database, with those of the plumbing tables before its own."""
