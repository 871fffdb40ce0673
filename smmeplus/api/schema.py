"""The OpenAPI schema, and Swagger UI to read and try it, with nothing from another host."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpResponse
from django.utils import translation
from django.utils.decorators import method_decorator
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from smmeplus.common.api import once
from smmeplus.common.api.exports import CsvRenderer
from smmeplus.common.api.filtering import refuse_unknown
from smmeplus.common.api.problems import CONTENT_TYPE
from smmeplus.common.api.several import MOST_VALUES, names_of_several

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "What programs tell errors by; `docs/api.md` lists them."},
        "detail": {"type": "string"},
        "request_id": {"type": "string", "description": "That of `X-Request-ID`, which the logs have, too."},
        "errors": {
            "type": "array",
            "description": "What is wrong in the request, and what is right.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "Such as `limit` or `concentrators.2`."},
                    "code": {"type": "string", "description": "Such as `required`; never translated."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

_ONCE = {
    "in": "header",
    "name": once.KEY,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": once.PATTERN},
    "description": "Your own, such as a UUID: for 24 hours the same request with it is answered again, and not done.",
}


class Schema(SpectacularAPIView):
    """The OpenAPI 3 description of this API, for everybody: tools that make clients send no token (ACC-1)."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:
        refuse_unknown(request, set())
        renderer: Any = request.accepted_renderer
        return HttpResponse(_rendered(renderer.__class__), content_type=f"{renderer.media_type}; charset=utf-8")


@cache
def _rendered(renderer: type[Any]) -> bytes:
    """Made once by each process, for it takes a second, and strangers may ask; in English for all of them."""
    with translation.override("en"):
        content: bytes = renderer().render(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
    return content


# Swagger UI sets styles from its script, for which this page alone has to allow them.
@method_decorator(csp_replace({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """To read without a sign-in; what is tried there is asked with the session of the browser (ACC-1)."""


class SeveralValues(DjangoFilterExtension):
    """Describes a filter that takes several values as a list. drf-spectacular finds this class by itself."""

    target_class = "smmeplus.common.api.filtering.StrictFilters"
    priority = 1

    def resolve_filter_field(
        self, auto_schema: Any, model: Any, filterset_class: Any, field_name: str, filter_field: Any
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().resolve_filter_field(  # type: ignore[no-untyped-call]
            auto_schema, model, filterset_class, field_name, filter_field
        )
        if field_name not in names_of_several(filterset_class):
            return found
        return [_as_list(parameter) for parameter in found]


def _as_list(parameter: dict[str, Any]) -> dict[str, Any]:
    values = {"type": "array", "items": parameter["schema"], "minItems": 1, "maxItems": MOST_VALUES}
    return {**parameter, "schema": values, "style": "form", "explode": True}


def add_problems(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Hook of drf-spectacular: each operation of the schema ``result`` may answer with problems; bodies are strict."""
    schemas = result["components"]["schemas"]
    for name in schemas:
        if name.endswith("Request"):
            schemas[name]["additionalProperties"] = False
    schemas["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _describe_files(operation)
            operation["responses"] |= {str(code): _response(code) for code in _codes(path, method)}
            if method == "post":
                operation["parameters"] = [*operation.get("parameters", ()), _ONCE]
    return result


def _describe_files(operation: dict[str, Any]) -> None:
    """Of a file by ``Accept: text/csv`` the schema would say that it is the JSON of a page."""
    content = operation["responses"].get("200", {}).get("content", {})
    if CsvRenderer.media_type in content:
        content[CsvRenderer.media_type] = {"schema": {"type": "string"}}


def _codes(path: str, method: str) -> Iterator[HTTPStatus]:
    yield HTTPStatus.BAD_REQUEST
    yield HTTPStatus.UNAUTHORIZED
    yield HTTPStatus.FORBIDDEN
    if "{" in path:
        yield HTTPStatus.NOT_FOUND
    yield HTTPStatus.METHOD_NOT_ALLOWED
    yield HTTPStatus.NOT_ACCEPTABLE
    if method in ("post", "patch"):
        yield HTTPStatus.CONFLICT
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    yield HTTPStatus.TOO_MANY_REQUESTS


def _response(code: HTTPStatus) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    response: dict[str, Any] = {"description": code.phrase, "content": content}
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        seconds = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        response["headers"] = {"Retry-After": seconds}
    return response
