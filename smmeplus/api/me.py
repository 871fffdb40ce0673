"""Who asks, what they may do, and until when: what an integrator tries first, and a program before its token ends."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.models import Company
from smmeplus.api.tokens.making import READ, WRITE
from smmeplus.common.api.resources import READING
from smmeplus.common.api.serializers import MomentField
from smmeplus.models.tokens import begin_of, details_of


class MyCompanySerializer(serializers.Serializer):
    """One of the companies that are seen."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class MyTokenSerializer(serializers.Serializer):
    """The token that was sent."""

    name = serializers.CharField()
    begins = serializers.CharField(help_text="How it begins.")
    scope = serializers.ChoiceField([READ, WRITE])
    networks = serializers.CharField(help_text="From where it may be used; empty: from anywhere.")
    made_at = MomentField()
    ends_at = MomentField(allow_null=True, help_text="Null: never.")


class MeSerializer(serializers.Serializer):
    """Who asks."""

    user = serializers.CharField()
    role = serializers.CharField(help_text="Several have commas between them; empty for a superuser without one.")
    rights = serializers.ListField(
        child=serializers.CharField(), help_text="Of the user; a token of scope `read` only uses those to view."
    )
    companies = MyCompanySerializer(many=True, help_text="As far as the token lets them be seen.")
    token = MyTokenSerializer(allow_null=True, help_text="Null in a browser's session.")


class Me(GenericAPIView):
    """The user, their role, rights and companies, and the token with its scope and its end."""

    http_method_names = READING
    permission = "concentrators.view_company"
    queryset = Company.objects.none()
    serializer_class = MeSerializer
    detail = True  # takes no parameters

    @extend_schema(summary="Who asks", operation_id="me_retrieve", responses={200: MeSerializer})
    def get(self, request: Request) -> Response:
        self.filter_queryset(self.get_queryset())
        user = request.user
        said = {
            "user": user.get_username(),
            "role": ", ".join(user.groups.order_by("name").values_list("name", flat=True)),
            "rights": sorted(user.get_all_permissions()),
            "companies": Company.objects.visible_to(user).order_by("name").values("id", "name"),
            "token": _token(request.auth) if isinstance(request.auth, AuthToken) else None,
        }
        return Response(MeSerializer(said).data)


def _token(token: Any) -> dict[str, Any]:
    details = details_of(token)
    return {
        "name": details.name,
        "begins": begin_of(token),
        "scope": WRITE if details.may_write else READ,
        "networks": details.networks,
        "made_at": token.created,
        "ends_at": token.expiry,
    }
