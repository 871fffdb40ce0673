"""Addresses of the inventory. The list is here because it shows the status; all others belong to ``concentrators``."""

from django.urls import path

from concentrators import urls
from wakeup.monitoring.inventory import trying_again, views

app_name = "concentrators"
urlpatterns = [
    path("", views.Inventory.as_view(), name="list"),
    path("try-again/", trying_again.TryMatchingAgain.as_view(), name="try-again"),
    *urls.urlpatterns,
]
