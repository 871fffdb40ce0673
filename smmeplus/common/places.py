"""Where the product finds its files: in a checkout, or where its wheel was installed."""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_CHECKOUT: Final = _PACKAGE.parent
_PACKED: Final = _PACKAGE / "data"  # in a wheel alone: see pyproject.toml

IS_INSTALLED: Final = _PACKED.is_dir()
#: Holds ``templates/``, ``static/`` and ``locale/``.
DATA: Final = _PACKED if IS_INSTALLED else _CHECKOUT
#: Holds ``.env`` and ``var/`` unless variables of the environment name others. An installed product takes the folder in
#: which it is started: an upgrade empties the one that it was installed in.
HOME: Final = Path.cwd() if IS_INSTALLED else _CHECKOUT
