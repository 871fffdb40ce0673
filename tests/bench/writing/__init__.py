"""PER-6: writing the configuration into simulated concentrators."""
