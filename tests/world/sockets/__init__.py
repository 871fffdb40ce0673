"""Scenarios of the world over real sockets, with a listener in a process of its own, at accelerated time."""
