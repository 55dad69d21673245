"""What came before a rep meets a person."""
