#!/bin/sh
# drf-spectacular does not know "pk" as the field of a filter: the parameter of a number becomes one of a text.
#
# Versions:  Django 5.2.19, djangorestframework 3.18.3, django-filter 26.2, drf-spectacular 0.30.0.
# Guess:     field_name="pk" is the primary key there as everywhere in Django: django-filter filters by it, and the type of
#            the parameter is that of the key.
# Behaviour: the filter works; the schema says string, with a warning, for each kind of filter that has no type of its own.
#            field_name="id" gives integer. A generated client of a strict language then takes a text for the key.
# Seen:      field_name="pk": string
#            field_name="id": integer
# Fails if it behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install Django==5.2.19 djangorestframework==3.18.3 django-filter==26.2 drf-spectacular==0.30.0
"$folder/venv/bin/python" - <<'END'
from importlib.metadata import version

from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_filters", "drf_spectacular"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    ROOT_URLCONF=__name__,
    REST_FRAMEWORK={
        "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
        "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    },
)
import django

django.setup()
import django_filters
from django.contrib.auth.models import Group
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from rest_framework import generics, serializers

for name in ("Django", "djangorestframework", "django-filter", "drf-spectacular"):
    print(name, version(name))


class Groups(django_filters.FilterSet):
    by_pk = django_filters.ChoiceFilter(field_name="pk", choices=[])
    by_id = django_filters.ChoiceFilter(field_name="id", choices=[])

    class Meta:
        model = Group
        fields = []


class GroupSerializer(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ["id", "name"]


class List(generics.ListAPIView):
    queryset = Group.objects.all()
    serializer_class = GroupSerializer
    filterset_class = Groups


urlpatterns = [path("groups/", List.as_view())]
operation = SchemaGenerator(patterns=urlpatterns).get_schema(public=True)["paths"]["/groups/"]["get"]
types = {one["name"]: one["schema"]["type"] for one in operation["parameters"]}
for name in ("pk", "id"):
    print(f'field_name="{name}": {types[f"by_{name}"]}')
assert types == {"by_pk": "string", "by_id": "integer"}, "it behaves otherwise"
print("as found")
END
