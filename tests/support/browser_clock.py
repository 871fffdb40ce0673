"""The clock of the browser's pages, which is the machine's unless it is moved."""

from playwright.sync_api import BrowserContext

#: Playwright's own clock would stop timers and ``performance.now()`` as well, and then run them by hand.
_MOVED_DATE = """
Date = new Proxy(Date, {
  construct: (date, args, target) => Reflect.construct(date, args.length ? args : [date.now() + OFFSET_MS], target),
  apply: date => new date(date.now() + OFFSET_MS).toString(),
  get: (date, name) => name === "now" ? () => date.now() + OFFSET_MS : Reflect.get(date, name),
});
"""


def move_clock(context: BrowserContext, by_s: float) -> None:
    """Move the clock of the pages that ``context`` opens from now on; their timers run as ever."""
    context.add_init_script(_MOVED_DATE.replace("OFFSET_MS", f"({by_s * 1000})"))
