"""The nights in which America/Santiago changes its clocks: a day of 25 hours and one of 23 (REP-3, STA-2)."""
