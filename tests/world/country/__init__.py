"""The blackout of 25 February 2025 in Chile, in a few hours: where a rule by shares would have blamed us (STA-4)."""
