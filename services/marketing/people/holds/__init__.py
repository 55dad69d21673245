"""Who has a person in hand: the reps of their leads and deals, as handoff and sales say."""
