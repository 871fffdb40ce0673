from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers


class MomentField(serializers.DateTimeField):
    """ISO 8601 with offset, ``2020-09-24T10:18:46.000000+00:00``, as in exported files (REP-4)."""

    def to_representation(self, value: Any) -> str | None:
        return value.isoformat(timespec="microseconds") if value else None


class RowSerializer(serializers.ModelSerializer):
    """A row of a list, whose times are those of exported files."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateTimeField: MomentField
    }
