"""Concentrators with what they sent, and the messages themselves, in the API (API-1)."""

from wakeup.api.messages import Messages
from wakeup.monitoring.api import Concentrators

__all__ = ["Concentrators", "Messages"]
