"""Concentrators with what they sent, and the messages themselves, in the API (API-1)."""

from wakeup.api.concentrators import Concentrators
from wakeup.api.messages import Messages

__all__ = ["Concentrators", "Messages"]
