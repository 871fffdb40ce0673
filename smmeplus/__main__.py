"""The command line of the product: `smmeplus` where its wheel is installed, `python -m smmeplus` there and here."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmeplus.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    sys.argv[0] = "python -m smmeplus"  # which Django would call python -m django in its help
    main()
