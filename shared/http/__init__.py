"""The HTTP edge of a service: routes, raw routes, transactions, repeats, problems, pages."""
