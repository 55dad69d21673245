"""What a rep does and plans: calls, e-mails, meetings, demos, tasks and notes."""
