"""Addresses of the inventory: the room of concentrators answers for all but its list, which tells their status."""

from django.urls import path

from concentrators import urls
from wakeup.monitoring.inventory import views

app_name = "concentrators"
urlpatterns = [path("", views.Inventory.as_view(), name="list"), *urls.urlpatterns]
