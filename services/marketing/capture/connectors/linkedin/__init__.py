"""Lead Sync of LinkedIn."""
