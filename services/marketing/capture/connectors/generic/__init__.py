"""Any tool that signs its webhooks by HMAC-SHA256, connected by settings."""
