"""A POST that is sent again, because its answer was lost, is not done again (API-1).

Programs give each action an ``Idempotency-Key`` of their own. Answer and action are committed together: after a crash
there are both, or neither, and then the repetition does it. Refusals are not kept, for nothing was done.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import is_success

from smmeplus.common.api.problems import ConflictError
from smmeplus.common.request import now_of

KEY: Final = "Idempotency-Key"
SAID_AGAIN: Final = "Idempotency-Replayed"
KEPT: Final = timedelta(hours=24)
#: Printable ASCII, also with quotes around it, as the draft of the IETF has it.
PATTERN: Final = r"^[!-~]{1,255}$"
#: An advisory lock of PostgreSQL with a second number, by which a key is held while its request is worked on.
_LOCK: Final = 58_700


class InProgressError(ConflictError):
    default_detail = _l("The same request is being worked on just now. Ask again.")
    default_code = "in_progress"
    wait = 1  # second


class OnceMixin:
    """A view whose POST takes an ``Idempotency-Key``. It answers the same for 24 hours, to the same user and token."""

    post: Callable[..., Response]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc] # of the view
        if request.method == "POST" and KEY in request.headers:
            self.post = partial(_once, self.post)


def _once(act: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    name, asked, now = _name(request), _asked(request), now_of(request)
    with transaction.atomic():
        _hold(name)
        answer = _known(name, asked, now)
        if answer is None:
            answer = act(request, *args, **kwargs)
            if is_success(answer.status_code):
                _keep(answer, name=name, asked=asked, at=now)
    return answer


def _name(request: Request) -> str:
    key = request.headers[KEY]
    if not re.fullmatch(PATTERN, key):
        raise ValidationError({KEY: _("1 to 255 characters of ASCII without blanks, such as a UUID.")})
    return _digest(request.user.pk, getattr(request.auth, "pk", ""), key)


def _asked(request: Request) -> str:
    """The order of fields in the body does not matter. Raises what a body that cannot be read raises."""
    return _digest(request.get_full_path(), json.dumps(request.data, sort_keys=True))


def _digest(*parts: object) -> str:
    return sha256("\n".join(map(str, parts)).encode("utf-8", "backslashreplace")).hexdigest()


def _hold(name: str) -> None:
    """Until the transaction ends. On SQLite a transaction that writes is alone anyway.

    Raises InProgressError where another request holds it, or one of a key that looks the same in 31 bits.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, int(name[:8], 16) >> 1])
        if not cursor.fetchone()[0]:
            raise InProgressError


def _model() -> Any:
    return apps.get_model("smmeplus", "KeptAnswer")


def _known(name: str, asked: str, now: datetime) -> Response | None:
    kept = _model().objects.filter(name=name, at__gt=now - KEPT).first()
    if kept is None:
        return None
    if kept.asked != asked:
        raise ConflictError(_("This key was sent with another request before. Take a new one."), "key_reused")
    return Response(json.loads(kept.body), status=kept.status, headers={SAID_AGAIN: "true"})


def _keep(answer: Response, **facts: Any) -> None:
    """In the place of one that is too old, if there is one."""
    body = JSONRenderer().render(answer.data).decode()
    _model()(**facts, status=answer.status_code, body=body).save()


def forget(now: datetime) -> None:
    """Delete what is not said again any more."""
    _model().objects.filter(at__lte=now - KEPT).delete()
