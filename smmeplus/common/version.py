import tomllib
from importlib import metadata

from smmeplus.common import places

DISTRIBUTION = "smmeplus-wakeup"


def version() -> str:
    """That of the code that runs: a checkout names its own, whatever may be installed beside it."""
    if places.IS_INSTALLED:
        return metadata.version(DISTRIBUTION)
    with (places.DATA / "pyproject.toml").open("rb") as file:
        own: str = tomllib.load(file)["project"]["version"]
    return own
