"""A believable month of a company, played through the public doors; and the outside world it needs."""
