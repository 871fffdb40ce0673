from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Seconds since the clock was made, running ``speed`` times as fast as ``timer``, which never goes back."""

    def __init__(self, speed: float = 1.0, timer: Callable[[], float] = time.monotonic) -> None:
        self.speed = speed
        self._timer = timer
        self._started = timer()

    def now(self) -> float:
        return (self._timer() - self._started) * self.speed

    def until(self, moment: float) -> float:
        """Seconds of real time until the clock shows ``moment``; negative once that is past."""
        return (moment - self.now()) / self.speed
