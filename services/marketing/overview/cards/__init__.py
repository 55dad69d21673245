"""A person as another service shows them: as much as the asking person may see."""
