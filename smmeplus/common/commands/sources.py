"""Files that a command reads: by name, or from standard input."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from django.core.management.base import CommandError

STANDARD_INPUT = Path("-")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, to be read from any place in it; ``-`` is standard input. Raises CommandError if it cannot be read.

    What cannot be read twice, such as a pipe, is copied into a temporary file first.
    """
    try:
        with sys.stdin.buffer if path == STANDARD_INPUT else path.open("rb") as source:
            if source.seekable():
                yield source
                return
            with TemporaryFile() as copy:
                shutil.copyfileobj(source, copy)
                copy.seek(0)
                yield cast("BinaryIO", copy)
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror or error}") from None
