"""Dated exchange rates. Sales owns them and tells the others."""
