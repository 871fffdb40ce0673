"""How much a run tries: little at a developer's desk, more under ``CI=true``, most with ``SOAK=true`` (`make soak`).

Importing this loads the profile of Hypothesis, so it is a plugin of pytest: imported before any test.
"""

import os

from hypothesis import settings

IN_CI = os.environ.get("CI") == "true"
SOAKS = os.environ.get("SOAK") == "true"
AT_THE_DESK = 25
PROPERTY_IN_CI = 200
TIMES_CI = 4  # a soak tries four times the examples of CI, and others each time
#: Most properties are as quick as this: they need no database.
PROPERTY_IN_SOAK = 2_000
#: How often each crash happens.
ROUNDS = 10 if SOAKS else 2 if IN_CI else 1

settings.register_profile("desk", deadline=None, max_examples=AT_THE_DESK)
settings.register_profile("ci", settings.get_profile("ci"), max_examples=PROPERTY_IN_CI)
settings.register_profile("soak", settings.get_profile("ci"), max_examples=PROPERTY_IN_SOAK, derandomize=False)
settings.load_profile("soak" if SOAKS else "ci" if IN_CI else "desk")


def examples(in_ci: int, at_the_desk: int = AT_THE_DESK) -> int:
    """``max_examples`` for a property whose examples are slower than most, or needs more of them."""
    if SOAKS:
        return TIMES_CI * in_ci
    return in_ci if IN_CI else at_the_desk
