from django.urls import path

from concentrators.planned import views
from concentrators.planned.files.views import PlannedTemplate, UploadPlanned

app_name = "planned"
urlpatterns = [
    path("", views.PlannedList.as_view(), name="list"),
    path("add/", views.AddPlanned.as_view(), name="add"),
    path("upload/", UploadPlanned.as_view(), name="upload"),
    path("upload/template/", PlannedTemplate.as_view(), name="template"),
    path("<int:pk>/", views.ShowPlanned.as_view(), name="show"),
    path("<int:pk>/change/", views.ChangePlanned.as_view(), name="change"),
    path("<int:pk>/cancel/", views.CancelPlanned.as_view(), name="cancel"),
]
