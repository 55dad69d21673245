"""What people agreed to and refused, submission by submission; never inferred from silence."""
