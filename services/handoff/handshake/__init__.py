"""What passes between an offered lead and its rep, until the deal ends."""
