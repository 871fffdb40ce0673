"""How `make run` starts, and what it starts (OPS-1)."""
