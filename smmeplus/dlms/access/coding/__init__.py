"""The APDUs of associations, GET and SET: bytes ↔ values (Green Book 9.4, 9.5)."""
