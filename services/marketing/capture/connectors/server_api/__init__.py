"""Leads that other servers send over our API."""
