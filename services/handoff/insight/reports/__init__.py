"""Speed-to-lead: how fast people hear from us, the unanswered included."""
