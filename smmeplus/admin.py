"""Users have a page of our own in the admin site: Django's lets whoever may change one make themselves a superuser."""

from django.contrib import admin
from django.contrib.auth.models import User
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice
from knox.models import AuthToken

from smmeplus.api.tokens.admin import TokenAdmin
from smmeplus.people.admin import PeopleAdmin

admin.site.unregister([User, StaticDevice, TOTPDevice])  # second factors are on the pages of their users
admin.site.register(User, PeopleAdmin)
admin.site.unregister(AuthToken)
admin.site.register(AuthToken, TokenAdmin)
