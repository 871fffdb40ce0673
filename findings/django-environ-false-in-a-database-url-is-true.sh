#!/bin/sh
# django-environ leaves a switch set to "false" in a database URL as text, which Django takes for true.
#
# Versions:  django-environ 0.14.0, Django 5.2.19.
# Guess:     ?disable_server_side_cursors=false is read as env.bool() reads the same word: False.
# Behaviour: options of the URL are read as Python literals, so False, 0 and True are what they say, and true, false and
#            no stay text. Django asks for truth alone: "false" disables server-side cursors and turns
#            conn_health_checks on. Only False, with its capital, or 0 is off.
# Seen:      env.bool: False
#            false: 'false', iterator() with a server-side cursor: no; health checks: 'false'
#            False: False, iterator() with a server-side cursor: yes; health checks: False
# Asked on SQLite, whose chunked_cursor() stands for the server-side cursor of PostgreSQL. Fails if they behave otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install django-environ==0.14.0 Django==5.2.19
"$folder/venv/bin/python" - <<'EOF'
import os
from importlib.metadata import version

import django
import environ
from django.conf import settings

URL = "sqlite:///:memory:?disable_server_side_cursors={word}&conn_health_checks={word}"
os.environ["SWITCH"] = "false"
env = environ.Env()
databases = {word: env.db_url_config(URL.format(word=word)) for word in ("false", "False")}
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes"],
    DATABASES={"default": databases["false"], "False": databases["False"]},
)
django.setup()

from django.contrib.contenttypes.models import ContentType
from django.db import connections


def is_chunked(alias):
    connection, asked = connections[alias], []
    with connection.schema_editor() as editor:
        editor.create_model(ContentType)
    plain = connection.chunked_cursor
    connection.chunked_cursor = lambda: asked.append(True) or plain()
    list(ContentType.objects.using(alias).iterator())
    return bool(asked)


print("django-environ", version("django-environ"), "Django", django.__version__)
print("env.bool:", env.bool("SWITCH"))
assert env.bool("SWITCH") is False
found = []
for word, alias in (("false", "default"), ("False", "False")):
    config, chunked = databases[word], is_chunked(alias)
    switch, checks = config["DISABLE_SERVER_SIDE_CURSORS"], config["CONN_HEALTH_CHECKS"]
    cursor = "yes" if chunked else "no"
    print(f"{word}: {switch!r}, iterator() with a server-side cursor: {cursor}; health checks: {checks!r}")
    found.append((switch, chunked, checks, bool(connections[alias].health_check_enabled)))
assert found == [("false", False, "false", True), (False, True, False, False)], "they behave otherwise"
print("as found")
EOF
