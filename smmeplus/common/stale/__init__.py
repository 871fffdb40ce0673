"""A form that was filled in from outdated data is refused with both values, and what was typed stays (UI-9)."""
