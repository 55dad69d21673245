"""Submissions: one per lead in a delivery, processed to contacts, touches and leads."""
