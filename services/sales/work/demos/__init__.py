"""What was shown in demos and presentations, to whom, and what they asked and objected."""
