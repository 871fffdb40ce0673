"""How much a run tries: little at a developer's desk, everything under ``CI=true``.

Importing this loads the profile of Hypothesis, so it is a plugin of pytest: imported before any test.
"""

import os

from hypothesis import settings

IN_CI = os.environ.get("CI") == "true"
AT_THE_DESK = 25

settings.register_profile("desk", deadline=None, max_examples=AT_THE_DESK)
settings.register_profile("ci", settings.get_profile("ci"), max_examples=500)
settings.load_profile("ci" if IN_CI else "desk")


def examples(in_ci: int, at_the_desk: int = AT_THE_DESK) -> int:
    """``max_examples`` for a property whose examples are slower than most, or needs more of them."""
    return in_ci if IN_CI else at_the_desk
