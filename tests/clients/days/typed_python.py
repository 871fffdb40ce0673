"""A day's work with openapi-python-client's client: URL, two tokens, begin, end, day, three to install."""

import json
import sys
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from typed_client import AuthenticatedClient
from typed_client.api.concentrators import concentrators_list, concentrators_retrieve
from typed_client.api.daily_counts import daily_counts_list
from typed_client.api.installations import installations_create
from typed_client.api.messages import messages_list
from typed_client.models import (
    ActionEnum,
    Concentrator,
    ConcentratorsListStatusItem,
    Done,
    InstallationRequest,
    PaginatedConcentratorList,
    PaginatedDailyList,
    PaginatedMessageList,
    Problem,
)
from typed_client.types import UNSET, Response, Unset

T = TypeVar("T")


def of(kind: type[T], answer: object) -> T:
    assert isinstance(answer, kind), answer
    return answer


def next_cursor(address: str | None) -> str:
    return parse_qs(urlsplit(address).query)["cursor"][0] if address else ""


def unreachable(client: AuthenticatedClient) -> list[str]:
    page = concentrators_list.sync(client=client, status=[ConcentratorsListStatusItem.UNREACHABLE])
    return [one.serial_number for one in of(PaginatedConcentratorList, page).results]


def messages(client: AuthenticatedClient, begin: datetime, end: datetime) -> dict[str, int]:
    ids, pages, cursor = set[int](), 0, ""
    while cursor or not pages:
        answer = messages_list.sync(client=client, received_from=begin, received_to=end, cursor=cursor or UNSET)
        page = of(PaginatedMessageList, answer)
        ids |= {one.id for one in page.results if begin <= one.received_at < end}
        pages, cursor = pages + 1, next_cursor(page.next_)
    return {"messages": len(ids), "highest_id": max(ids), "pages": pages}


def received(client: AuthenticatedClient, day: date) -> int:
    page = of(PaginatedDailyList, daily_counts_list.sync(client=client, from_day=day, to_day=day))
    return sum(one.wakeup_count for one in page.results)


def install(client: AuthenticatedClient, *serials: str, key: str = "") -> Response[Done | Problem]:
    body = InstallationRequest(ActionEnum.INSTALL, list(serials), profile="Ten")
    return installations_create.sync_detailed(client=client, body=body, idempotency_key=key or UNSET)


def refusal(answer: object) -> list[str]:
    problem = of(Problem, answer)
    assert not isinstance(problem.errors, Unset)
    return [problem.code, *(f"{error.field} {error.code}" for error in problem.errors)]


def until_refused(client: AuthenticatedClient) -> dict[str, object]:
    answer = concentrators_retrieve.sync_detailed("A1", client=client)
    while isinstance(answer.parsed, Concentrator):
        answer = concentrators_retrieve.sync_detailed("A1", client=client)
    return {"throttled": of(Problem, answer.parsed).code, "waits": int(answer.headers["Retry-After"]) > 0}


def main(url: str, token: str, reading_token: str, begin: str, end: str, day: str, *store: str) -> None:
    client, reader = AuthenticatedClient(url, token), AuthenticatedClient(url, reading_token)
    found: dict[str, object] = {
        "unreachable": unreachable(client),
        "fleet": len(of(PaginatedConcentratorList, concentrators_list.sync(client=client)).results),
        **messages(client, datetime.fromisoformat(begin), datetime.fromisoformat(end)),
        "received": received(client, date.fromisoformat(day)),
        "forbidden": of(Problem, install(reader, *store).parsed).code,
        "installed": of(Done, install(client, *store, key="one").parsed).changed,
        "again": of(Done, install(client, *store, key="one").parsed).changed,
        "conflict": refusal(install(client, *store).parsed),
        "invalid": refusal(install(client, "A1", "NOBODY").parsed),
        "not_found": of(Problem, concentrators_retrieve.sync("NOBODY", client=client)).code,
    }
    sys.stdout.write(json.dumps(found | until_refused(client)))


main(*sys.argv[1:])
