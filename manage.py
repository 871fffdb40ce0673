#!/usr/bin/env python
"""The command line of the product in a checkout, under the name that is known from Django."""

from smmeplus.__main__ import main

if __name__ == "__main__":
    main()
