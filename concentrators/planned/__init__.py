"""Planned work (STA-8): its times, its pages, the files and calendars that it comes from."""
