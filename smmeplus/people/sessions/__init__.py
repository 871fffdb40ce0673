"""Sessions: how they are stored, what ends them, and the list of one's own (ACC-2)."""
