#!/bin/sh
# django-simple-history makes a new manager class each time that Model.history is looked up.
#
# Versions:  django-simple-history 3.13.0, Django 5.2.19.
# Guess:     Model.history is as Model.objects: one manager, made with the model; on an instance, a new object at most.
# Behaviour: the descriptor calls from_queryset(), which makes a class, at each access, on the model and on an instance.
#            Model.history == Model.history is False, since managers of two classes are never equal. The classes refer
#            to themselves, so only the garbage collector frees them. Code that looks it up in a loop should keep it.
# Seen:      objects: 100 accesses, 1 class, equal: True
#            history: 100 accesses, 100 classes, equal: False
#            alive with the collector off: 100; after a collection: 0
# Fails if the package behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install django-simple-history==3.13.0 Django==5.2.19
"$folder/venv/bin/python" - <<'EOF'
import gc
from importlib.metadata import version

import django
from django.conf import settings

settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "simple_history"])
django.setup()

from django.db import models
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords


class Device(models.Model):
    history = HistoricalRecords(app="contenttypes")

    class Meta:
        app_label = "contenttypes"  # any app that is installed


print("django-simple-history", version("django-simple-history"), "Django", django.__version__)
classes = {type(manager) for manager in [Device.objects for _ in range(100)]}
same = Device.objects == Device.objects
print(f"objects: 100 accesses, {len(classes)} class, equal: {same}")
assert (len(classes), same) == (1, True)
classes = {type(manager) for manager in [Device.history for _ in range(50)] + [Device().history for _ in range(50)]}
same = Device.history == Device.history
print(f"history: 100 accesses, {len(classes)} classes, equal: {same}")
assert (len(classes), same) == (100, False), "it keeps the class"
del classes
gc.collect()
gc.disable()
assert not HistoryManager.__subclasses__()
for _ in range(100):
    Device.history
alive = len(HistoryManager.__subclasses__())
gc.collect()
left = len(HistoryManager.__subclasses__())
print(f"alive with the collector off: {alive}; after a collection: {left}")
assert (alive, left) == (100, 0)
print("as found")
EOF
