#!/bin/sh
# django-rest-knox deletes the expired tokens of a user when that user signs in with another one.
#
# Versions:  django-rest-knox 5.1.0, djangorestframework 3.16.1, Django 5.2.19.
# Guess:     A request with a token reads that token, and deletes it at most if it has ended itself: to know later why a
#            program gets 401 its row is looked for.
# Behaviour: Each request deletes all other tokens of the same user that have ended, too. A program that comes back with
#            one of them is told "Invalid token.", as if it had never been: nothing is left to tell that it ended.
# Seen:      one token of ada has ended, another one runs:
#            with the one that runs: 200, rows of its user left: 1
#            with the one that has ended: 401, rows of its user left: 1
#            ended ones of another user: 1
# Fails if it behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install django-rest-knox==5.1.0 djangorestframework==3.16.1 Django==5.2.19
"$folder/venv/bin/python" - <<'PY'
from datetime import timedelta
from importlib.metadata import version

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "knox"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["testserver"],
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import path
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView


class Who(APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response(request.user.username)


urlpatterns = [path("who/", Who.as_view())]
call_command("migrate", verbosity=0)
ada, grace = (User.objects.create_user(name) for name in ("ada", "grace"))
ended_of, ended = AuthToken.objects.create(ada)
_, runs = AuthToken.objects.create(ada)
others_of, _ = AuthToken.objects.create(grace)
AuthToken.objects.filter(pk__in=[ended_of.pk, others_of.pk]).update(expiry=timezone.now() - timedelta(days=1))


def ask(token):
    status = Client(headers={"Authorization": f"Token {token}"}).get("/who/").status_code
    return status, AuthToken.objects.filter(user=ada).count()


print("django-rest-knox", version("django-rest-knox"), "Django", django.__version__)
second = ask(runs)
print("with the one that runs: %d, rows of its user left: %d" % second)
first = ask(ended)
print("with the one that has ended: %d, rows of its user left: %d" % first)
others = AuthToken.objects.filter(user=grace).count()
print("ended ones of another user:", others)
assert (second, first, others) == ((200, 1), (401, 1), 1), "it behaves otherwise"
print("as found")
PY
