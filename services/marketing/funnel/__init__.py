"""From a lead to a customer: score, stage, cycle, and the deal that came of it."""
