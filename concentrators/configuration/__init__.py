"""Writing the configuration into concentrators (CFG-1 to CFG-3), in three layers.

What is wanted, and what comes of a try, is pure: ``addresses``, ``values``, ``procedure``, ``states``.
``transport`` has the socket. ``jobs`` and ``writer`` take what is due from the database, do many at a time, and store
what came of it.
"""
