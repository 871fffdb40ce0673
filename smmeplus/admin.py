"""Users have a page of our own in the admin site: Django's lets whoever may change one make themselves a superuser."""

from django.contrib import admin
from django.contrib.auth.models import User

from smmeplus.people.admin import PeopleAdmin

admin.site.unregister(User)
admin.site.register(User, PeopleAdmin)
