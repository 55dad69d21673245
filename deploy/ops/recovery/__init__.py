"""When something is lost: filling Kafka again from the outbox logs, and bringing a database back."""
