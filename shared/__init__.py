"""Facts and plumbing of all services. Knows no business rule and no service."""
