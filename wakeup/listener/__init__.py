"""The listener (LIS-1…7).

Bytes come in on a connection or as a datagram (``connections``), a format makes notices of them
(:mod:`wakeup.formats`), the intake stores what has queued up in one transaction (``writers``), and only then are they
answered. ``vitals`` tells others how the listener is. :mod:`.service` opens the sockets and stops it all in order.
"""
