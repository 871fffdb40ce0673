from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Values:
    """What stands in a concentrator of type CERCO1, apart from who it is."""

    destination: str = ""
    random_start: int = 0
    retries: int = 0
    retry_delay: int = 60
    last_gasp: str = ""
    period: int = 0
