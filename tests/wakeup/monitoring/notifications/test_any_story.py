"""Whatever happens to an incident, its receiver is told what makes sense (STA-7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import QuerySet
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from concentrators.models import Company
from tests.plugins.effort import examples
from tests.wakeup.monitoring.notifications.happenings import (
    MINUTE,
    NOW,
    make_incident,
    make_planned,
    make_receiver,
    outbox,
    queue,
)
from wakeup.models import Delivery, DeliveryState, Incident, Receiver

pytestmark = pytest.mark.one_database("postgresql")


class Story:
    """An incident to which anything happens, half a minute after the other, and its receiver."""

    def __init__(self) -> None:
        for model in (Delivery, Receiver, Incident):
            model.objects.all().delete()
        company, _made = Company.objects.get_or_create(name="Chile")
        self.receiver, self.minute = make_receiver(company), 0.0
        self.incident = make_incident(company)
        self.other = make_incident(company, feeder="B", ended_at=NOW - 60 * MINUTE)
        self.planned = make_planned(company)

    @property
    def row(self) -> QuerySet[Incident]:
        return Incident.objects.filter(pk=self.incident.pk)

    def look(self) -> None:
        queue(self.minute)
        assert queue(self.minute) == 0

    def arrive(self) -> None:
        due = self.receiver.deliveries.filter(state="waiting", not_before__lte=NOW + self.minute * MINUTE)
        due.update(state=DeliveryState.DELIVERED, tries=1)

    def end(self) -> None:
        self.row.filter(ended_at=None).update(ended_at=NOW + self.minute * MINUTE)

    def begin_again(self) -> None:
        self.row.update(ended_at=None, merged_into=None)

    def plan(self) -> None:
        self.row.update(planned=self.planned)

    def cancel(self) -> None:
        self.row.update(planned=None)

    def find_cause(self) -> None:
        self.row.update(cause="communication" if self.row.get().cause == "power" else "power")

    def wait(self) -> None:
        self.minute += 20

    def merge(self) -> None:
        self.row.update(merged_into=self.other)

    def told(self) -> list[str]:
        told = self.receiver.deliveries.exclude(state="dropped").exclude(event="incident changed")
        return [*told.order_by("number").values_list("event", flat=True)]


class AnyStory(TestCase):
    """Whatever happens in whatever order, what a receiver is told makes sense."""

    @settings(max_examples=examples(60, 10))
    @given(
        st.lists(
            st.sampled_from(
                [
                    *(Story.look, Story.arrive, Story.end, Story.begin_again, Story.plan, Story.cancel),
                    *(Story.find_cause, Story.wait, Story.merge),
                ]
            ),
            max_size=14,
        )
    )
    def test_beginnings_and_ends_alternate_and_numbers_have_no_gap(self, happenings: list[Callable[..., None]]) -> None:
        story = Story()
        for happening in happenings:
            story.minute += 0.5
            happening(story)
        story.wait()
        story.look()
        outbox(story.receiver)
        told, one = story.told(), story.row.get()
        assert told == (["incident opened", "incident ended"] * len(told))[: len(told)]
        stands = bool(told) and told[-1] == "incident opened"
        if one.ended_at or one.merged_into_id:
            assert not stands
        elif not one.planned_id:
            assert stands
        assert story.receiver.deliveries.filter(stands=True).count() == stands
