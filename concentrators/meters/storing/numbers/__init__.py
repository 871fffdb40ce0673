"""The stored numbers of concentrators and of kinds of meters, kept right with each list (MET-4, MET-8)."""
