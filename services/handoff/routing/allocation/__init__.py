"""Lead allocation: a batch of leads goes to reps with room, by rules and turns."""
