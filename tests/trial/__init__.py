"""The product as a fleet, with real parts, that loses one machine after the other under load: `make trial` (OPS-3)."""
