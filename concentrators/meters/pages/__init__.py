"""What operators see of meters: the page of each, those of a concentrator, and its tree of repeaters (MET-6)."""
