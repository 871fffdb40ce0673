"""Meters in the current lists of several concentrators: of which kind that is, and what was decided (MET-5)."""
