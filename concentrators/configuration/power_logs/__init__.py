"""Reads the logs of power failures that concentrators keep themselves (STA-11)."""
