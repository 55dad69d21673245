"""What is planned, in the calendars people use: a file of one activity, and a feed of a rep's."""
