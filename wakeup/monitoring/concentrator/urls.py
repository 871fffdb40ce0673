"""Addresses under ``concentrators/`` behind its fixed words, which are in small letters as no serial number is."""

from django.urls import path

from wakeup.monitoring.concentrator import service_views, views

app_name = "concentrator"
urlpatterns = [
    path("<str:serial_number>/", views.ConcentratorPage.as_view(), name="page"),
    path("<str:serial_number>/change/", views.ChangeConcentrator.as_view(), name="change"),
    path("<str:serial_number>/make-available/", views.MakeAvailable.as_view(), name="make-available"),
    path(
        "<str:serial_number>/out-of-service/",
        service_views.SetOutOfService.as_view(),
        name="out-of-service",
    ),
    path(
        "<str:serial_number>/back-in-service/",
        service_views.BackInService.as_view(),
        name="back-in-service",
    ),
]
