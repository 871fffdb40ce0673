"""Chromium for the browser tests: the machine's own, or one installed for them.

``python -m tests.support.chromium`` installs it if need be and prints where it is.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

#: Chromium without windows, which takes little more than half of the processor's time; npm's is one, too.
SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGE = "@sparticuz/chromium"
CACHE = "smmeplus-tests/chromium"
WHAT_TO_DO = (
    "Browser tests need Chromium. Install it (Debian: apt-get install chromium-headless-shell, Ubuntu: apt-get install "
    "chromium), or install npm, from whose registry the tests take one for themselves, or set CHROMIUM to the path of "
    "one.\nTried:\n"
)
APT_GET = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
UNBROTLI = (
    "const [, source, target] = process.argv, {createReadStream: r, createWriteStream: w} = require('fs');"
    "r(source).pipe(require('zlib').createBrotliDecompress()).pipe(w(target));"
)
#: No package has put a sandbox helper with its set-uid bit beside this one, and Ubuntu refuses unknown programs the
#: other way. Its libraries and fonts are for machines that have none.
LAUNCHER = """#!/bin/sh
here=$(dirname "$0")
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/headless_shell" --no-sandbox "$@"
"""
FONTS = '<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n'


class ChromiumError(RuntimeError):
    """There is no Chromium and none could be installed; says what to do about it."""


@functools.cache
def find_chromium() -> Path:
    """The path of a Chromium that starts: ``$CHROMIUM``, the shell, the PATH's, else one installed with apt-get or npm.

    Raises ChromiumError, with everything that was tried, when there is none to be had.
    """
    if path := os.environ.get("CHROMIUM"):
        return _working(Path(path))
    failures: list[str] = []
    for source in (_shell, _on_path, _from_apt, _from_npm):
        try:
            return source()
        except (ChromiumError, OSError) as error:
            failures.append(f"- {error}")
    raise ChromiumError(WHAT_TO_DO + "\n".join(failures))


def _shell() -> Path:
    """The shell of the PATH, installed first where that can be done without asking the network what there is."""
    if not shutil.which(SHELL):
        _needs_apt()
        _run("apt-cache", "show", SHELL)  # Ubuntu does not have it
        _install(SHELL)
    return _on_path((SHELL,))


def _on_path(names: tuple[str, ...] = NAMES) -> Path:
    for found in filter(None, map(shutil.which, names)):
        if _starts(Path(found)):
            return Path(found)
    raise ChromiumError(f"PATH: no {', '.join(names)} that starts.")


def _from_apt() -> Path:
    _needs_apt()
    _run(*APT_GET, "update")
    try:
        return _shell()
    except ChromiumError:
        _install("chromium")
        return _on_path()


def _needs_apt() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ChromiumError("apt-get: needs Debian or Ubuntu, and root.")


def _install(package: str) -> None:
    _say(f"installing {package} with apt-get")
    _run(*APT_GET, "install", "--yes", "--no-install-recommends", package, "fonts-liberation")


def _from_npm() -> Path:
    launcher = _cache() / "chromium"
    if launcher.exists() and _starts(launcher):
        return launcher
    if not shutil.which("npm"):
        raise ChromiumError("npm: not installed.")
    _say(f"installing {PACKAGE} with npm")
    _cache().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_cache().parent) as scratch:
        _run("npm", "install", "--prefix", scratch, "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE)
        unpacked = _unpack(Path(scratch) / "node_modules" / PACKAGE / "bin", Path(scratch) / "chromium")
        shutil.rmtree(_cache(), ignore_errors=True)
        unpacked.rename(_cache())
    return _working(launcher)


def _unpack(packed: Path, target: Path) -> Path:
    """Unpack the program and the archives that the npm package brings compressed with brotli."""
    target.mkdir()
    for source in packed.glob("*.br"):
        unpacked = target / source.stem
        _run("node", "-e", UNBROTLI, str(source), str(unpacked))
        if unpacked.suffix == ".tar":
            _run("tar", "-xf", str(unpacked), "-C", str(target))
            unpacked.unlink()
    (target / "chromium").rename(target / "headless_shell")
    (target / "headless_shell").chmod(0o755)
    (target / "fonts.conf").write_text(FONTS)
    (target / "chromium").write_text(LAUNCHER)
    (target / "chromium").chmod(0o755)
    return target


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / CACHE


def _working(path: Path) -> Path:
    if not _starts(path):
        raise ChromiumError(f"{path} does not start.")
    return path


def _starts(path: Path) -> bool:
    """Whether it is more than a stand-in, such as Ubuntu's script that only says where to get Chromium."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(*command: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ChromiumError(f"{' '.join(command[:4])} … failed: {(done.stderr or done.stdout).strip()[-500:]}")


def _say(text: str) -> None:
    sys.stderr.write(f"Browser tests: {text} …\n")


def main() -> None:
    try:
        sys.stdout.write(f"{find_chromium()}\n")
    except ChromiumError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
