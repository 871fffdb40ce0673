"""The feed: what has happened, for other systems, each event once and in one order (API-3)."""
