"""Events between services: outbox, relay, consumer, inbox, parking, repairs."""
