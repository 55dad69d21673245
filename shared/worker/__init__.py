"""A service's worker: relay, consumer and timers in one process, with its health."""
