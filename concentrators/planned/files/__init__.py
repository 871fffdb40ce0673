"""Planned work from files: tables and calendars are read, shown, and stored when confirmed (STA-8)."""
