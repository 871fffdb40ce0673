"""A frame by itself, as most tests of formats read it."""

from wakeup.formats import read_frame
from wakeup.formats.notice import Notice


def read_whole(frame: bytes) -> Notice:
    """What ``frame`` says, which is one frame and nothing else."""
    found = read_frame(frame)
    assert found is not None
    notice, length = found
    assert length == len(frame)
    return notice
