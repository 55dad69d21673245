"""Asking another service over HTTP, where an answer must be fresh."""
