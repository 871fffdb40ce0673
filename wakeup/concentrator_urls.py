"""Addresses under ``concentrators/`` behind its fixed words, which are in small letters as no serial number is."""

from django.urls import path

from wakeup import concentrator_views

app_name = "concentrator"
urlpatterns = [
    path("<str:serial_number>/", concentrator_views.ConcentratorPage.as_view(), name="page"),
    path("<str:serial_number>/change/", concentrator_views.ChangeConcentrator.as_view(), name="change"),
]
