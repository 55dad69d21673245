"""PostgreSQL: sessions, set-based writes, wake-ups, safety, and what its errors mean."""
