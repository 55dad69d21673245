"""How a deal ends, and how its ending is corrected: win, lose, reopen, amend, refund."""
