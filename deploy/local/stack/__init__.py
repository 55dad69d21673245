"""The local stack: real servers, three services and their workers, under one supervisor."""
