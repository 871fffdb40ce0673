"""What connections may cost a listener (LIS-3)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address


@dataclass(slots=True)
class Limits:
    """Times in seconds."""

    connections: int = 20_000
    per_address: int = 1_000  # of these from one address; 0 where many concentrators share one
    idle_s: float = 60.0
    frame_s: float = 10.0  # from the first byte of a frame, or of a PROXY header, to its last
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()  # balancers that begin each connection with a PROXY header

    def is_proxy(self, address: str) -> bool:
        if not self.proxies:
            return False
        peer = ip_address(address)
        return any(peer in network for network in self.proxies)
