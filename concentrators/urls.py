"""Addresses under ``concentrators/`` but that of the inventory itself, whose statuses only a later room knows."""

from django.urls import path

from concentrators.procedures import pages as choose_views
from concentrators.upload import views as upload_views

urlpatterns = [
    path("installation/", choose_views.Installation.as_view(), name="installation"),
    path("modification/", choose_views.Modification.as_view(), name="modification"),
    path("upload/", upload_views.Upload.as_view(), name="upload"),
    path("upload/template/", upload_views.Template.as_view(), name="upload-template"),
    path("upload/<uuid:pk>/", upload_views.Preview.as_view(), name="preview"),
    path("upload/<uuid:pk>/errors/", upload_views.Errors.as_view(), name="upload-errors"),
    path("removal/", choose_views.Removal.as_view(), name="removal"),
]
