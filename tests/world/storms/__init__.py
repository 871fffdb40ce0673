"""All at once."""
