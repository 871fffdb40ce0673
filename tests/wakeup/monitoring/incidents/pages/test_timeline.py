"""The lines of an incident's timeline in words, whatever facts they have (STA-5)."""

from __future__ import annotations

import pytest

from concentrators.models import Company
from tests.wakeup.monitoring.incidents.pages.incidents import MINUTE, NOON, incident_of
from wakeup.models import IncidentNote, NoteKind
from wakeup.monitoring.incidents.pages.timeline import MOST_SHOWN, timeline_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

WORDS = [
    ("opened", {"concentrators": 3}, "It began: 3 concentrators"),
    ("opened", {}, "It began"),
    ("grew", {"concentrators": 1}, "It grew: 1 concentrator"),
    ("widened", {"scope": "feeder", "feeder": "7", "substation": "Maipú"}, "It widened; it was Feeder 7 of Maipú"),
    ("widened", {"scope": "feeder", "feeder": "7", "concentrators": 2}, "It widened; it was Feeder 7: 2 concentrators"),
    ("widened", {"scope": "substation", "substation": "Maipú"}, "It widened; it was Substation Maipú"),
    ("widened", {"scope": "company"}, "It widened; it was the whole company"),
    ("widened", {}, "It widened"),
    ("absorbed", {"incident": 7, "concentrators": 2}, "It took in incident 7: 2 concentrators"),
    ("absorbed", {"incident": 7, "scope": "carrier", "carrier": "Entel"}, "It took in incident 7 (Carrier Entel)"),
    ("absorbed", {}, "It took in another incident"),
    ("cause", {"from": "undecided", "to": "power"}, "Its cause: undecided → power"),
    ("cause", {}, "Its cause: — → —"),
    ("acknowledged", {}, "Acknowledged"),
    ("owner", {"from": "", "to": "ana"}, "Its owner: — → ana"),
    ("comment", {}, "Comment"),
    ("merged", {"into": 7}, "It became a part of incident 7"),
    ("merged", {}, "It became a part of another"),
    ("split", {"from": 7, "concentrators": 2}, "It was split off incident 7: 2 concentrators"),
    ("split", {"into": 7, "concentrators": 2}, "Incident 7 was split off: 2 concentrators"),
    ("ended", {}, "All are back: it has ended"),
    ("reopened", {"concentrators": 2}, "It went dark again: 2 concentrators"),
    ("grew", {"concentrators": "many"}, "It grew"),
    ("grew", [], "It grew"),
]


def test_each_kind_has_words(chile: Company) -> None:
    assert {kind for kind, _facts, _words in WORDS} == set(NoteKind)
    one = incident_of(chile)
    for number, (kind, facts, _words) in enumerate(WORDS):
        IncidentNote.objects.create(incident=one, at=NOON + number * MINUTE, kind=kind, facts=facts)
    assert [note.what for note in reversed(timeline_of(one))] == [words for _kind, _facts, words in WORDS]


def test_the_newest_are_first_and_of_very_many_the_last_are_shown(chile: Company) -> None:
    one = incident_of(chile)
    IncidentNote.objects.bulk_create(
        IncidentNote(incident=one, at=NOON, kind="comment", text=str(number)) for number in range(MOST_SHOWN + 5)
    )
    shown = [note.text for note in timeline_of(one)]
    assert (len(shown), shown[0], shown[-1]) == (MOST_SHOWN, str(MOST_SHOWN + 4), "5")
