"""The addresses of the product, and a list of roll-outs."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from smmeplus.urls import handler400, handler403, handler404, handler500
from smmeplus.urls import urlpatterns as addresses

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def roll_outs(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [*addresses, path("listed/", include(([path("", roll_outs, name="list")], "rollouts")))]
