from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from smmeplus.admin import sign_in_to_admin
from smmeplus.api.tokens.of_users import EndUserToken, UserTokens
from smmeplus.api.tokens.views import RevokeToken, Tokens
from smmeplus.health import health
from smmeplus.kept.views import GoOn
from smmeplus.people.passwords import OwnPassword
from smmeplus.sign_in import SignIn, SignOut


@login_not_required
def icon(_request: HttpRequest) -> HttpResponse:
    """What browsers ask for on pages that name no icon, such as those of the admin site."""
    return redirect(static("icon.svg"))


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="overview:page"), name="home"),
    path("sign-in/", SignIn.as_view(), name="login"),
    path("sign-in/go-on/", GoOn.as_view(), name="go-on"),
    path("sign-out/", SignOut.as_view(), name="logout"),
    path("", include("smmeplus.people.urls")),
    path("password/", OwnPassword.as_view(), name="password"),
    path("monitoring/", include("wakeup.monitoring.overview.urls")),
    path("alarms/", include("wakeup.monitoring.alarms.urls")),
    path("profiles/", include("profiles.urls")),
    path("procedure-profiles/", include("profiles.procedures.urls")),
    path("concentrators/", include("wakeup.monitoring.inventory.urls")),
    path("concentrators/", include("wakeup.monitoring.concentrator.urls")),
    path("meter-files/", include("concentrators.meters.upload.urls")),
    path("roll-outs/", include("concentrators.rollouts.urls")),
    path("meters/", include("concentrators.meters.pages.urls")),
    path("planned-work/", include("concentrators.planned.urls")),
    path("meter-conflicts/", include("concentrators.meters.conflicts.urls")),
    path("configurations/", include("wakeup.monitoring.configurations.urls")),
    path("incidents/", include("wakeup.monitoring.incidents.pages.urls")),
    path("wakeup/", include("wakeup.pages.strays.urls")),
    path("wakeup/", include("wakeup.pages.frames.urls")),
    path("wakeup/", include("wakeup.pages.listeners.urls")),
    path("wakeup/", include("wakeup.monitoring.changes.urls")),
    path("notifications/", include("wakeup.monitoring.notifications.pages.urls")),
    path("notifications/", include("wakeup.monitoring.notifications.pages.receiver_urls")),
    path("reports/", include("reports.urls")),
    path("api/", include("smmeplus.api.urls")),
    path("tokens/", Tokens.as_view(), name="tokens"),
    path("tokens/of-users/", UserTokens.as_view(), name="user-tokens"),
    path("tokens/of-users/end/", EndUserToken.as_view(), name="end-user-token"),
    path("tokens/revoke/", RevokeToken.as_view(), name="revoke-token"),
    path("admin/login/", sign_in_to_admin),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("favicon.ico", icon),
    path("healthz", health, name="health"),
]

handler400 = "smmeplus.common.api.problems.bad_request"
handler403 = "smmeplus.common.api.problems.permission_denied"
handler404 = "smmeplus.common.api.problems.not_found"
handler500 = "smmeplus.common.api.problems.server_error"
