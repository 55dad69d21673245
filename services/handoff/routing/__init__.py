"""Which team and which rep a lead goes to."""
