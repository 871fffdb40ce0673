"""Users have a page of our own in the admin site: Django's lets whoever may change one make themselves a superuser."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice
from knox.models import AuthToken

from smmeplus.api.tokens.admin import TokenAdmin
from smmeplus.people.admin import PeopleAdmin

admin.site.unregister([User, StaticDevice, TOTPDevice])  # second factors are on the pages of their users
admin.site.register(User, PeopleAdmin)
admin.site.unregister(AuthToken)
admin.site.register(AuthToken, TokenAdmin)


@login_not_required
def sign_in_to_admin(request: HttpRequest) -> HttpResponse:
    """To the one sign-in page; whoever is signed in already would be sent back and forth for ever, and is refused."""
    if request.user.is_authenticated and not admin.site.has_permission(request):
        raise PermissionDenied
    asked = request.META.get("QUERY_STRING", "")
    return redirect(f"{reverse('login')}?{asked}" if asked else reverse("login"))
