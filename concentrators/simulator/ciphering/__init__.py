"""Simulated concentrators with keys: they cipher what they send, and let in who knows the keys (SEC-3)."""
