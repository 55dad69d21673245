"""The three services. None knows another; they tell each other facts (shared.events)."""
