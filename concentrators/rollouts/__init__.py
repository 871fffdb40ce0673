"""Technical area, Operation: roll-outs, to watch and to command (CFG-4)."""
