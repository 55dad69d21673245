"""Multi-touch attribution: a won deal's money split over its journey, as a ledger."""
