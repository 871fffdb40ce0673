"""A world that can be replayed: the product's own code, from bytes to database, on a clock that jumps.

The listener, recording and the simulated fleet run in one process and one thread: on a loop whose time jumps to the
next timer, over a network in memory. Everything random comes from one seed, so the same seed gives the same trace.
"""
