"""Who may enter and change keys of concentrators (SEC-3, ACC-1)."""

from __future__ import annotations

from typing import Any, Final

SEES_KEYS: Final = "concentrators.view_devicekeys"
#: Of those who enter and change them; removing is a right of its own.
SETS_KEYS: Final = ("concentrators.add_devicekeys", "concentrators.change_devicekeys")


def may_set_keys(user: Any) -> bool:
    """None stands for a command, which who runs the product gives."""
    return user is None or bool(user.has_perms(SETS_KEYS))


def may_see_keys(user: Any) -> bool:
    """Whether a concentrator has some, its system title and its policy; the keys themselves nobody sees."""
    return bool(user.has_perm(SEES_KEYS))
