"""What the outside world depends on, compared with a list taken before: see :mod:`tests.contract.names`."""
