"""What an action has done, by the audit id that its answer and the history of each concentrator tell (ACC-3)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.api.installations import ACTIONS, MOST_AT_ONCE
from concentrators.models import AuditedAction, Company, Concentrator
from smmeplus.common.api.resources import READING
from smmeplus.common.api.serializers import MomentField

#: What the API calls the actions that it takes itself.
NAMES: Final = {action.word: name for name, action in ACTIONS.items()}


class DoneActionSerializer(serializers.Serializer):
    """What an action has done to the concentrators that are seen."""

    audit_id = serializers.UUIDField()
    action = serializers.CharField(
        help_text="`install`, `modify`, `remove`; else the word of the history, such as `file`, `new try to write`."
    )
    done_at = MomentField()
    user = serializers.CharField(allow_null=True, help_text="Null: the product itself, or a user who is gone.")
    changed = serializers.IntegerField()
    concentrators = serializers.ListField(
        child=serializers.CharField(), help_text=f"Their serial numbers in order, the first {MOST_AT_ONCE}."
    )


class DoneActions(GenericAPIView):
    """What an installation, modification or removal has done, whoever did it and wherever; other changes of many, too.

    It is not there if nothing was changed, if all of it is another company's, or if it is older than this address.
    """

    http_method_names = READING
    permission = "concentrators.view_concentrator"
    queryset = Concentrator.objects.none()
    serializer_class = DoneActionSerializer
    detail = True  # takes no parameters

    @extend_schema(summary="What an action has done", operation_id="installations_retrieve")
    def get(self, request: Request, audit_id: UUID) -> Response:
        self.filter_queryset(self.get_queryset())
        action = get_object_or_404(AuditedAction, pk=audit_id)
        rows = _rows(action, request.user)
        first = rows.select_related("history_user").first()
        if first is None:
            raise Http404
        said = {
            "audit_id": audit_id,
            "action": NAMES.get(action.word, action.word),
            "done_at": action.at,
            "user": first.history_user and first.history_user.get_username(),
            "changed": rows.count(),
            "concentrators": rows.values_list("serial_number", flat=True)[:MOST_AT_ONCE],
        }
        return Response(DoneActionSerializer(said).data)


def _rows(action: AuditedAction, user: User) -> QuerySet[Any]:
    """Its audit rows that ``user`` sees. Their time has an index, and is a range so that PostgreSQL plans for few."""
    rows: QuerySet[Any] = Concentrator.history.model.objects.filter(
        history_date__gte=action.at,
        history_date__lte=action.at,
        history_change_reason__endswith=f" {action.pk}",
        company__in=Company.objects.visible_to(user).order_by().values("pk"),
    )
    return rows.order_by("serial_number", "history_id")
