"""Two commits of the product measured in turn: ``python -m tests.bench --against REV``.

One harness, that of this checkout, measures both: it starts the processes of each from its own directory, on databases
that its own commands have made in one and the same PostgreSQL. Nothing of the other commit is imported here.
"""
