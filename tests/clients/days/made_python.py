"""A day's work with openapi-generator's client for Python: URL, two tokens, begin, end, day, three to install."""

import json
import sys
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

from made_client import (
    ActionEnum,
    ApiClient,
    ApiException,
    ConcentratorsApi,
    Configuration,
    DailyCountsApi,
    Done,
    InstallationRequest,
    InstallationRequestProfile,
    InstallationsApi,
    MessagesApi,
)
from made_client.models.problem import Problem


def next_cursor(address: str | None) -> str:
    return parse_qs(urlsplit(address).query)["cursor"][0] if address else ""


def messages(client: ApiClient, begin: datetime, end: datetime) -> dict[str, int]:
    ids, pages, cursor = set[int](), 0, ""
    while cursor or not pages:
        page = MessagesApi(client).messages_list(received_from=begin, received_to=end, cursor=cursor or None)
        ids |= {one.id for one in page.results if begin <= one.received_at < end}
        pages, cursor = pages + 1, next_cursor(page.next)
    return {"messages": len(ids), "highest_id": max(ids), "pages": pages}


def install(client: ApiClient, *serials: str, key: str | None = None) -> Done:
    body = InstallationRequest(
        action=ActionEnum.INSTALL, concentrators=list(serials), profile=InstallationRequestProfile("Ten")
    )
    return InstallationsApi(client).installations_create(body, idempotency_key=key)


def refusal(client: ApiClient, *serials: str) -> list[str]:
    try:
        install(client, *serials)
    except ApiException as error:
        problem = problem_of(error)
    return [problem.code, *(f"{one.var_field} {one.code}" for one in problem.errors or [])]


def problem_of(error: ApiException) -> Problem:
    found = Problem.from_json(error.body or "")
    assert found
    assert found.status == error.status
    return found


def code(client: ApiClient, serial: str) -> str:
    try:
        ConcentratorsApi(client).concentrators_retrieve(serial)
    except ApiException as error:
        return problem_of(error).code
    return ""


def until_refused(client: ApiClient) -> dict[str, object]:
    while True:
        try:
            ConcentratorsApi(client).concentrators_retrieve("A1")
        except ApiException as error:
            return {"throttled": problem_of(error).code, "waits": int((error.headers or {})["Retry-After"]) > 0}


def main(url: str, token: str, reading_token: str, begin: str, end: str, day: str, *store: str) -> None:
    # By itself it sleeps for as long as a 429 says, here an hour, and tries again.
    client, reader = (ApiClient(Configuration(host=url, access_token=one, retries=0)) for one in (token, reading_token))
    concentrators, days = ConcentratorsApi(client), DailyCountsApi(client)
    the_day = date.fromisoformat(day)
    found: dict[str, object] = {
        "unreachable": [one.serial_number for one in concentrators.concentrators_list(status=["unreachable"]).results],
        "fleet": len(concentrators.concentrators_list().results),
        **messages(client, datetime.fromisoformat(begin), datetime.fromisoformat(end)),
        "received": sum(one.wakeup_count for one in days.daily_counts_list(from_day=the_day, to_day=the_day).results),
        "forbidden": refusal(reader, *store)[0],
        "installed": install(client, *store, key="one").changed,
        "again": install(client, *store, key="one").changed,
        "conflict": refusal(client, *store),
        "invalid": refusal(client, "A1", "NOBODY"),
        "not_found": code(client, "NOBODY"),
    }
    sys.stdout.write(json.dumps(found | until_refused(client)))


main(*sys.argv[1:])
