"""Addresses under ``concentrators/`` behind its fixed words, which are in small letters as no serial number is."""

from django.urls import path

from wakeup.monitoring.concentrator import service_views as concentrator_service_views
from wakeup.monitoring.concentrator import views as concentrator_views

app_name = "concentrator"
urlpatterns = [
    path("<str:serial_number>/", concentrator_views.ConcentratorPage.as_view(), name="page"),
    path("<str:serial_number>/change/", concentrator_views.ChangeConcentrator.as_view(), name="change"),
    path("<str:serial_number>/make-available/", concentrator_views.MakeAvailable.as_view(), name="make-available"),
    path(
        "<str:serial_number>/out-of-service/",
        concentrator_service_views.SetOutOfService.as_view(),
        name="out-of-service",
    ),
    path(
        "<str:serial_number>/back-in-service/",
        concentrator_service_views.BackInService.as_view(),
        name="back-in-service",
    ),
]
