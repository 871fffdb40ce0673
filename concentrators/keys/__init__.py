"""Secrets of concentrators: passwords of their management, and the keys of ciphered messages (CFG-2, SEC-3)."""
