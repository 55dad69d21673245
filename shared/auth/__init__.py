"""Who is calling, by token or API key, and what they may."""
