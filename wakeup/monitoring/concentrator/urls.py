"""Addresses of one concentrator, after all fixed ones: these are in small letters, which no serial number has."""

from django.urls import path

from concentrators.meters.pages.views import MetersOfConcentrator, TreePage
from wakeup.monitoring.concentrator import configuration_views, keys_views, service_views, views

app_name = "concentrator"
urlpatterns = [
    path("<str:serial_number>/", views.ConcentratorPage.as_view(), name="page"),
    path("<str:serial_number>/meters/", MetersOfConcentrator.as_view(), name="meters"),
    path("<str:serial_number>/tree/", TreePage.as_view(), name="tree"),
    path("<str:serial_number>/change/", views.ChangeConcentrator.as_view(), name="change"),
    path("<str:serial_number>/make-available/", views.MakeAvailable.as_view(), name="make-available"),
    path("<str:serial_number>/try-again/", configuration_views.TryAgain.as_view(), name="try-again"),
    path("<str:serial_number>/password/", configuration_views.SetPassword.as_view(), name="password"),
    path("<str:serial_number>/keys/", keys_views.SetKeys.as_view(), name="keys"),
    path("<str:serial_number>/remove-keys/", keys_views.RemoveKeys.as_view(), name="remove-keys"),
    path("<str:serial_number>/ciphered-only/", keys_views.CipheredOnly.as_view(), name="ciphered-only"),
    path("<str:serial_number>/out-of-service/", service_views.SetOutOfService.as_view(), name="out-of-service"),
    path("<str:serial_number>/back-in-service/", service_views.BackInService.as_view(), name="back-in-service"),
]
