"""Who is told of incidents and alarms, and the outbox of what is to be told (STA-7, STA-10)."""
