"""What connections may cost a listener (LIS-3)."""

from __future__ import annotations

from dataclasses import dataclass

from smmeplus.common.networks import Network, is_within


@dataclass(slots=True)
class Limits:
    """Times in seconds."""

    connections: int = 20_000
    per_address: int = 1_000  # of these from one address; 0 where many concentrators share one
    idle_s: float = 60.0
    frame_s: float = 10.0  # from the first byte of a frame, or of a PROXY header, to its last
    proxies: tuple[Network, ...] = ()  # balancers that begin each connection with a PROXY header
    networks: tuple[Network, ...] = ()  # from which messages are taken at all; none: from all (SEC-1)

    def is_proxy(self, address: str) -> bool:
        return bool(self.proxies) and is_within(address, self.proxies)

    def takes_from(self, address: str) -> bool:
        """Whether messages from ``address``, which is the concentrator's own, are taken."""
        return not self.networks or is_within(address, self.networks)
