"""What programs do to incidents, as operators do on their pages (STA-5, API-1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from smmeplus.common.api.codes import FIELDS
from smmeplus.common.api.once import OnceMixin
from smmeplus.common.api.problems import ConflictError, no_such, one_error, unknown_field
from smmeplus.common.request import now_of
from wakeup.api.filters import MOST_KEY
from wakeup.models import CauseClass, Incident, Outage
from wakeup.monitoring.incidents import actions
from wakeup.monitoring.incidents.actions import IncidentError
from wakeup.monitoring.incidents.api.resources import WholeIncidentSerializer, whole
from wakeup.monitoring.incidents.pages.forms import LONGEST_TEXT, possible_owners
from wakeup.monitoring.incidents.pages.queries import incidents_to_show

MOST_AT_ONCE = 10_000
ERRORS_NAMED = 100


class StrictSerializer(serializers.Serializer):
    """Refuses fields that it does not know: a misspelled one would be taken for one that was left out."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := self.initial_data.keys() - self.fields.keys():
            raise serializers.ValidationError({name: unknown_field() for name in sorted(unknown)})
        return attrs


class NothingSerializer(StrictSerializer):
    """Nothing has to be said."""


class IncidentCommentSerializer(StrictSerializer):
    """What to write into the timeline."""

    text = serializers.CharField(max_length=LONGEST_TEXT)


class OwnerSerializer(StrictSerializer):
    """Who looks after it."""

    owner = serializers.CharField(max_length=150, help_text="A name of a user who may act on the incident.")


class ReclassSerializer(StrictSerializer):
    """What caused it, and why."""

    cause = serializers.ChoiceField(CauseClass.choices)
    reason = serializers.CharField(max_length=LONGEST_TEXT, help_text="It stands in the timeline.")


class MergeSerializer(StrictSerializer):
    """Of which incident it becomes a part."""

    into = serializers.IntegerField(min_value=1, max_value=MOST_KEY, help_text="An open incident of its company.")


class SplitSerializer(StrictSerializer):
    """Which of its concentrators."""

    concentrators = serializers.ListField(
        child=serializers.RegexField("^[0-9A-Za-z]{1,32}$"),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="Serial numbers, in any case; not all that it has.",
    )


class IncidentCommand(OnceMixin, GenericAPIView):
    """Answers with the incident as it is then. It is a conflict where its state does not allow that."""

    http_method_names = ("post",)
    permission = "wakeup.change_incident"
    queryset = Incident.objects.none()
    serializer_class: ClassVar[type[serializers.Serializer]]

    def act(self, one: Incident, said: dict[str, Any], user: User, now: datetime) -> Incident:
        """Do it; the incident to show. Raises IncidentError or a ValidationError of DRF."""
        raise NotImplementedError

    def refused(self, error: IncidentError, said: dict[str, Any]) -> list[dict[str, str]]:  # noqa: ARG002
        """What of a list in ``said`` does not allow it."""
        return []

    def run(self, request: Request, pk: int) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        one = visible(request.user, pk)
        if one is None:
            raise Http404
        try:
            done = self.act(one, asked.validated_data, request.user, now_of(request))
        except IncidentError as error:
            raise ConflictError.of(error, self.refused(error, asked.validated_data)) from error
        shown = whole(incidents_to_show(request.user), with_notes=True).get(pk=done.pk)
        return Response(WholeIncidentSerializer(shown, context=self.get_serializer_context()).data)


def visible(user: User, pk: int) -> Incident | None:
    return Incident.objects.visible_to(user).filter(pk=pk).first()


def described(summary: str, name: str, request: Any) -> Any:
    return extend_schema(
        summary=summary,
        operation_id=f"incidents_{name}",
        request=request,
        responses={200: WholeIncidentSerializer},
    )


class AcknowledgeIncident(IncidentCommand):
    """Say that you look after it, and be its owner; a conflict if somebody has done so before."""

    serializer_class = NothingSerializer

    @described("Acknowledge an incident", "acknowledge", None)
    def post(self, request: Request, pk: int) -> Response:
        return self.run(request, pk)

    def act(self, one: Incident, said: dict[str, Any], user: User, now: datetime) -> Incident:  # noqa: ARG002
        return actions.acknowledge(one, user=user, now=now)


class CommentIncident(IncidentCommand):
    """Write a line into its timeline."""

    serializer_class = IncidentCommentSerializer

    @described("Comment on an incident", "comment", IncidentCommentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.run(request, pk)

    def act(self, one: Incident, said: dict[str, Any], user: User, now: datetime) -> Incident:
        actions.comment(one, said["text"], user=user, now=now)
        return one


class HandOverIncident(IncidentCommand):
    """Make somebody else, or yourself, the owner."""

    serializer_class = OwnerSerializer

    @described("Hand over an incident", "owner", OwnerSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.run(request, pk)

    def act(self, one: Incident, said: dict[str, Any], user: User, now: datetime) -> Incident:
        owner = possible_owners(one, user).filter(username=said["owner"]).first()
        if owner is None:
            raise serializers.ValidationError({"owner": no_such(_("There is no such user who may act on it."))})
        return actions.hand_over(one, owner, user=user, now=now)


class ReclassIncident(IncidentCommand):
    """Say what caused it; evidence does not change that any more. Its outages get the same cause."""

    serializer_class = ReclassSerializer

    @described("Re-class an incident", "reclass", ReclassSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.run(request, pk)

    def act(self, one: Incident, said: dict[str, Any], user: User, now: datetime) -> Incident:
        return actions.reclass(one, said["cause"], said["reason"], user=user, now=now)


class MergeIncident(IncidentCommand):
    """Make it a part of another open incident of its company, which gets its outages and is the answer."""

    serializer_class = MergeSerializer

    @described("Merge an incident into another", "merge", MergeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.run(request, pk)

    def act(self, one: Incident, said: dict[str, Any], user: User, now: datetime) -> Incident:
        into = visible(user, said["into"])
        if into is None:
            raise serializers.ValidationError({"into": no_such(_("There is no such incident."))})
        return actions.merge(one, into, user=user, now=now)


class SplitIncident(IncidentCommand):
    """Make an incident of its own of some of its concentrators; the answer is that one, and you are its owner."""

    serializer_class = SplitSerializer

    @described("Split an incident", "split", SplitSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.run(request, pk)

    def refused(self, error: IncidentError, said: dict[str, Any]) -> list[dict[str, str]]:
        """None of them is in the incident any more, or none but they: so each of them, the first ERRORS_NAMED."""
        code = getattr(error, "code", None)
        if code not in FIELDS:
            return []
        places = range(min(len(said["concentrators"]), ERRORS_NAMED))
        return [one_error(f"concentrators.{place}", " ".join(error.messages), code) for place in places]

    def act(self, one: Incident, said: dict[str, Any], user: User, now: datetime) -> Incident:
        serials = [serial.upper() for serial in said["concentrators"]]
        chosen = Outage.objects.filter(incident=one, concentrator__serial_number__in=set(serials))
        known = set(chosen.values_list("concentrator__serial_number", flat=True))
        unknown = [index for index, serial in enumerate(serials) if serial not in known]
        if unknown:
            other = ErrorDetail(_("It does not belong to the incident."), "not_in_incident")
            refusals = dict.fromkeys(map(str, unknown[:ERRORS_NAMED]), other)
            raise serializers.ValidationError({"concentrators": refusals})
        return actions.split(one, chosen, user=user, now=now)
