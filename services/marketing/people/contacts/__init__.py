"""Identity resolution: contacts and their companies, each once, by normalised keys."""
