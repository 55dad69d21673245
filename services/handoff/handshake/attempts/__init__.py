"""What reps did to reach a lead, as sales tells it: it stops the clocks."""
