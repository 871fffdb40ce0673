"""A clock that jumps and a network in memory, in the place of the machine's."""
