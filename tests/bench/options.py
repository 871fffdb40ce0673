"""The options of ``make bench``."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path

from tests.bench.places import DEFAULT_DIRECTORY, PLACES

ROUNDS = 5
#: What two commits can be compared by, and what of it is quick.
AGAINST = ("per1", "per2", "per3", "per7", "per4", "search", "status", "upload")
AGAINST_QUICK = ("per1", "per2", "per3")


def parsed(
    arguments: Sequence[str] | None, about: str, names: Collection[str], quick: Collection[str]
) -> argparse.Namespace:
    """The options, checked: ``names`` are those of the measurements of one commit, ``quick`` its usual ones.

    Ends the process with a message where they make no sense.
    """
    parser = _parser(about, names, quick)
    options = parser.parse_args(arguments)
    known = AGAINST if options.against else names
    usual = AGAINST_QUICK if options.against else quick
    options.only = [name for word in options.only or usual for name in word.split(",") if name]
    if unknown := set(options.only) - set(known):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if options.rounds < 1 or options.concentrators < 1:
        parser.error("at least one round and one concentrator are needed")
    if options.against and options.database == "sqlite":
        parser.error("two commits are compared on PostgreSQL alone")
    if options.at_least is not None and not options.against:
        parser.error("--at-least is about the ratio to another commit: it needs --against")
    options.databases = list(PLACES) if options.database == "both" else [options.database]
    return options


def _parser(about: str, names: Collection[str], quick: Collection[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "--only",
        nargs="+",
        metavar="NAME",
        help=f"which, of {' '.join(names)} (default: {' '.join(quick)}); "
        f"with --against of {' '.join(AGAINST)} (default: {' '.join(AGAINST_QUICK)})",
    )
    add("--database", choices=[*PLACES, "both"], default="both", help="(default: %(default)s)")
    add("--rounds", type=int, default=ROUNDS, help="how often each is measured (default: %(default)s)")
    add("--directory", type=Path, default=DEFAULT_DIRECTORY, help="on the disk to measure on (default: %(default)s)")
    add("--json", type=Path, metavar="FILE", help="write the results there, too")
    add("--strict", action="store_true", help="exit with 1 if a target is missed")
    add(
        "--against",
        metavar="REV",
        help="compare this checkout with another commit, which is measured in turn from a worktree that is then gone",
    )
    add("--at-least", type=float, metavar="RATIO", help="with --against: the target of each ratio, such as 0.97")
    add(
        "--concentrators",
        type=int,
        default=400_000,
        metavar="N",
        help="with --against: the fleet of per4, search and status, and the rows of upload (default: %(default)s)",
    )
    return parser
