"""Screenshots of the main screens for `docs/`, from the product as `make run` has it running.

``python -m tests.support.screenshots [--url http://127.0.0.1:8000]`` signs in as the demo's user and writes
``docs/screenshots/*.png``.
"""

from __future__ import annotations

import argparse
import os

from playwright.sync_api import Page, sync_playwright

from tests import ROOT
from tests.support.chromium import find_chromium

TARGET = ROOT / "docs" / "screenshots"
PAGES = {
    "monitoring": "/monitoring/",
    "incidents": "/incidents/",
    "incident": "/incidents/1/",
    "alarms": "/alarms/",
    "alarm-load": "/alarms/load/",
    "work-list": "/incidents/work-list/",
    "planned-work": "/planned-work/",
    "deliveries": "/notifications/deliveries/",
    "reliability": "/reports/reliability/",
    "roll-outs": "/roll-outs/",
    "configurations": "/configurations/",
    "concentrator": "/concentrators/16CEC50610036665/",
    "unknown-senders": "/wakeup/strays/",
    "upload": "/concentrators/upload/",
    "upload-meter-lists": "/meter-files/",
    "listeners": "/wakeup/listeners/",
    "in-field": "/reports/in-field/",
    "meters-in-field": "/reports/meters/",
    "meters-by-concentrator": "/reports/meters-by-concentrator/",
    "meter-conflicts": "/reports/meter-conflicts/",
    "count-meters": "/reports/meter-counts/",
    "repeaters": "/reports/repeaters/",
    "tree": "/concentrators/16CEC50610036916/tree/",
    "heat-map-of-days": "/reports/wakeup-by-days/",
    "daily-report": "/reports/subscriptions/",
    "wake-up": "/reports/wakeup/",
    "wake-up-per-day": "/reports/wakeup-per-day/",
    "profiles": "/profiles/",
    "installation": "/concentrators/installation/",
    "concentrators": "/concentrators/",
}
#: Pages whose addresses have numbers: the first of them that another page leads to.
FIRST = {
    "meter-conflict": ("/reports/meter-conflicts/", "/meter-conflicts/"),
    "meter": ("/reports/meter-conflicts/", "/meters/"),
}
WIDTHS = {"": (1280, 800, "light"), "-phone": (390, 844, "dark")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    url = parser.parse_args().url
    password = (ROOT / "var" / "demo-password").read_text().strip()
    TARGET.mkdir(parents=True, exist_ok=True)
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=as_root)
        for suffix, (width, height, scheme) in WIDTHS.items():
            page = browser.new_page(
                base_url=url,
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            sign_in(page, password)
            take_all(page, suffix)
        browser.close()


def sign_in(page: Page, password: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/monitoring/**")


def take_all(page: Page, suffix: str) -> None:
    for name, path in PAGES.items():
        page.goto(path)
        page.screenshot(path=TARGET / f"{name}{suffix}.png")
    for name, (path, leads_to) in FIRST.items():
        page.goto(path)
        page.locator(f"td a[href^='{leads_to}']").first.click()
        page.wait_for_url(f"**{leads_to}*/")
        page.screenshot(path=TARGET / f"{name}{suffix}.png")
    page.goto("/profiles/")
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("Name").fill("Wake up SMMePlus 10 min")
    page.get_by_role("button", name="Add").click()
    page.locator("label.wrong").first.wait_for()
    page.screenshot(path=TARGET / f"add-profile{suffix}.png")


if __name__ == "__main__":
    main()
