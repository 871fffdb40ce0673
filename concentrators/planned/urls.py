from django.urls import path

from concentrators.planned import views

app_name = "planned"
urlpatterns = [
    path("", views.PlannedList.as_view(), name="list"),
    path("add/", views.AddPlanned.as_view(), name="add"),
    path("<int:pk>/", views.ShowPlanned.as_view(), name="show"),
    path("<int:pk>/change/", views.ChangePlanned.as_view(), name="change"),
    path("<int:pk>/cancel/", views.CancelPlanned.as_view(), name="cancel"),
]
