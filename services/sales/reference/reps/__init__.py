"""What sales knows of the reps: a copy kept from handoff's facts, and who may see whose deals."""
