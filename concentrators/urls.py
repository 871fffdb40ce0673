from django.urls import path

from concentrators import choose_views, views

app_name = "concentrators"
urlpatterns = [
    path("", views.ConcentratorList.as_view(), name="list"),
    path("installation/", choose_views.Installation.as_view(), name="installation"),
    path("modification/", choose_views.Modification.as_view(), name="modification"),
    path("removal/", choose_views.Removal.as_view(), name="removal"),
]
