"""What operators use: the program `leadloop`, reconcile, and recovery."""
