"""The listener (LIS-1…7).

Bytes come in over a connection (:mod:`.connections`, :mod:`.datagrams`), a format makes notices of them
(:mod:`wakeup.formats`), the intake stores what has queued up in one transaction (:mod:`.intake`) and only
then are they answered. :mod:`.service` opens the sockets and ends it all in good order.
"""
