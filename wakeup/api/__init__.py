"""The messages in the API (API-1)."""

from wakeup.api.messages import Messages

__all__ = ["Messages"]
