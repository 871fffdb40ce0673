"""Two requests with one Idempotency-Key at the same moment: one works, the other does not (API-1)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from concentrators.models import Company, Concentrator
from smmeplus.common.api import once
from tests.smmeplus.api.asking import ROOT, Api, problem

pytestmark = pytest.mark.django_db(transaction=True)

SOON_S = 10


@pytest.fixture
def tokens(operator: User, chile: Company) -> str:
    return Api(operator).token


def install(token: str) -> Any:
    body = {"action": "install", "concentrators": ["A3"], "profile": "Ten"}
    client = Api(token=token).client
    try:
        return client.post(f"{ROOT}installations/", body, content_type="application/json", headers={once.KEY: "k1"})
    finally:
        connection.close()


def test_only_one_of_two_works(tokens: str, monkeypatch: pytest.MonkeyPatch) -> None:
    works, may_end, keep = threading.Event(), threading.Event(), once._keep

    def slowly(*args: Any, **facts: Any) -> None:
        works.set()
        assert may_end.wait(SOON_S)
        keep(*args, **facts)

    monkeypatch.setattr(once, "_keep", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(install, tokens)
        assert works.wait(SOON_S)
        second = pool.submit(install, tokens)
        if connection.vendor == "postgresql":
            refused = second.result(SOON_S)
            assert problem(refused, 409)["code"] == "in_progress"
            assert refused["Retry-After"] == "1"
        may_end.set()
        answers = [first.result(SOON_S)] if connection.vendor == "postgresql" else [first.result(), second.result()]
    answers.append(install(tokens))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["changed"] == 1
    assert Concentrator.history.filter(history_change_reason__contains="installation").count() == 1
