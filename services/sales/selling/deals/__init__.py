"""Deals from their opening until they close."""
