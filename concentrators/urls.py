"""Addresses under ``concentrators/``, except for the inventory itself: it shows statuses, which only wakeup knows."""

from django.urls import path

from concentrators.pasting import Paste
from concentrators.procedures import pages
from concentrators.upload import views

urlpatterns = [
    path("installation/", pages.Installation.as_view(), name="installation"),
    path("modification/", pages.Modification.as_view(), name="modification"),
    path("pasted/", Paste.as_view(), name="paste"),
    path("upload/", views.Upload.as_view(), name="upload"),
    path("upload/template/", views.Template.as_view(), name="upload-template"),
    path("upload/<uuid:pk>/", views.Preview.as_view(), name="preview"),
    path("upload/<uuid:pk>/errors/", views.Errors.as_view(), name="upload-errors"),
    path("removal/", pages.Removal.as_view(), name="removal"),
]
