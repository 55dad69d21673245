"""Deliveries: each request at a door as it came, stored before it is answered."""
