"""Installing, modifying and removing concentrators through the API (CON-2, CON-4)."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.models import Company, Concentrator
from concentrators.procedures.actions import install, modify, remove
from concentrators.procedures.held import InstallationError
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.named import NamedProfile
from profiles.names import MAX_NAME_LENGTH, fold_name
from smmeplus.common.api.once import OnceMixin
from smmeplus.common.api.problems import ConflictError, no_such, one_error, unknown_field

MOST_AT_ONCE = 10_000
ERRORS_NAMED = 100
ACTIONS = {"install": install, "modify": modify, "remove": remove}


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": MAX_NAME_LENGTH}]})
class ProfileField(serializers.Field):
    """A profile of ``kind`` that the user sees, by its id, or by its name without regard to case."""

    def __init__(self, kind: type[SpontaneousProfile | ProcedureProfile], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def to_internal_value(self, data: object) -> NamedProfile:
        seen = self.kind.objects.visible_to(self.context["request"].user)
        found: list[NamedProfile] = list(seen.filter(**_meant(data))[:2])
        if not found:
            raise serializers.ValidationError(no_such(_("There is no such profile.")))
        if len(found) > 1:
            raise serializers.ValidationError(_("Several of your companies have a profile of this name; give its id."))
        return found[0]


def _meant(data: object) -> dict[str, Any]:
    if isinstance(data, str):
        return {"name_folded": fold_name(serializers.CharField(max_length=MAX_NAME_LENGTH).run_validation(data))}
    if isinstance(data, int) and not isinstance(data, bool):
        return {"pk": data}
    raise serializers.ValidationError(_("The id or the name of a profile."))


class InstallationSerializer(serializers.Serializer):
    """Which concentrators, and what to do with them: all or none."""

    action = serializers.ChoiceField(
        list(ACTIONS),
        help_text="`install` takes those available or removed; `modify` and `remove` those in field.",
    )
    concentrators = serializers.ListField(
        child=serializers.RegexField("^[0-9A-Za-z]{1,32}$"),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="Serial numbers, in any case.",
    )
    profile = ProfileField(SpontaneousProfile, required=False, help_text="For `install` and `modify`.")
    procedure = ProfileField(
        ProcedureProfile, required=False, help_text="A procedure profile: how it is carried out. Else the default one."
    )
    company = serializers.IntegerField(required=False, help_text="All of them belong to this company, or none is.")
    #: Without a default in the schema, which openapi-typescript reads as a field that has to be given.
    dry_run = serializers.BooleanField(
        required=False, help_text="Answer what would be done, or why it would be refused, and do nothing."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = self.initial_data.keys() - self.fields.keys()
        if unknown:  # may be a misspelled company, without which more would be installed
            raise serializers.ValidationError({name: unknown_field() for name in sorted(unknown)})
        has_profile, needs_profile = "profile" in attrs, ACTIONS[attrs["action"]].needs_profile
        if needs_profile and not has_profile:
            raise serializers.ValidationError({"profile": _("Needed to install and to modify.")})
        if has_profile and not needs_profile:
            raise serializers.ValidationError({"profile": _("Removing takes no profile.")})
        return attrs


class DoneSerializer(serializers.Serializer):
    """What was done."""

    action = serializers.ChoiceField(list(ACTIONS))
    changed = serializers.IntegerField(help_text="`modify` leaves those that have the profile already.")
    audit_id = serializers.UUIDField(
        allow_null=True, help_text="Of this action in the history of each; null if none changed, or in a dry run."
    )


class Installations(OnceMixin, GenericAPIView):
    """Install concentrators, give them another profile, or take them out of the field; all or none of them.

    A repetition does no harm: installing or removing twice is a conflict, modifying twice changes 0. With an
    `Idempotency-Key` it is answered as the first time.
    """

    http_method_names = ("post",)
    permission = "concentrators.change_concentrator"
    queryset = Concentrator.objects.none()
    serializer_class = InstallationSerializer

    @extend_schema(
        summary="Install, modify, remove",
        operation_id="installations_create",
        responses={200: DoneSerializer},
        examples=[
            OpenApiExample(
                "Two concentrators into the field",
                value={
                    "action": "install",
                    "concentrators": ["16CEC50610036665", "16CEC50610036666"],
                    "profile": "Wake up SMMePlus 10 min",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        act, chosen = ACTIONS[wanted["action"]], _chosen(request.user, wanted)
        try:
            profile, procedure = wanted.get("profile"), wanted.get("procedure")
            with transaction.atomic():
                done = act(chosen, profile, user=request.user, now=timezone.now(), procedure=procedure)
                if wanted.get("dry_run"):  # what was done is taken back, and so the answer is true
                    transaction.set_rollback(True)
                    done = done._replace(audit_id=None)
        except InstallationError as error:
            raise ConflictError.of(error, _by_index(wanted["concentrators"], error)) from error
        return Response(DoneSerializer({"action": wanted["action"], **done._asdict()}).data)


def _by_index(asked: list[str], error: InstallationError) -> list[dict[str, str]]:
    """What was refused of the serial numbers as they were sent, the first ERRORS_NAMED of them."""
    refused = set(error.refused)
    places = [index for index, serial in enumerate(asked) if serial.upper() in refused]
    said = ((f"concentrators.{index}", error.each % {"serials": asked[index].upper()}) for index in places)
    return [one_error(field, detail, getattr(error, "code", None)) for field, detail in islice(said, ERRORS_NAMED)]


def _chosen(user: User, wanted: dict[str, Any]) -> QuerySet[Concentrator]:
    """The concentrators named. Raises ValidationError for those that the user does not see, as for any unknown."""
    offered = Concentrator.objects.visible_to(user)
    if "company" in wanted:
        if not Company.objects.visible_to(user).filter(pk=wanted["company"]).exists():
            raise serializers.ValidationError({"company": no_such(_("There is no such company."))})
        offered = offered.filter(company=wanted["company"])
    serials = [serial.upper() for serial in wanted["concentrators"]]
    chosen = offered.filter(serial_number__in=set(serials))
    known = set(chosen.values_list("serial_number", flat=True))
    unknown = [index for index, serial in enumerate(serials) if serial not in known]
    if unknown:
        refusals = {str(index): no_such(_("There is no such concentrator.")) for index in unknown[:ERRORS_NAMED]}
        raise serializers.ValidationError({"concentrators": refusals})
    return chosen
