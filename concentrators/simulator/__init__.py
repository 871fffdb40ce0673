"""Simulated concentrators: how one behaves, how it sends, and a fleet of them (SIM-1 to SIM-3)."""
