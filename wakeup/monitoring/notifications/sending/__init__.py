"""How what waits in the outbox gets to its receivers: by e-mail, by webhook; and signs of life (STA-7, STA-10)."""
