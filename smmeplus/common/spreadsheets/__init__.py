"""Tables in files of spreadsheets and other programs, CSV and XLSX, as rows of text (CON-5).

A file may come from anybody. ``reading.read_rows`` reads one within bounds, and ``cage.read_rows`` does so in a process
of its own, with little memory and processor time. That process starts without Django and without installed packages,
so nothing in here imports any; messages are translated by who shows them.
"""
