"""What a person corrects in contacts and companies: the best word there is, with its history."""
