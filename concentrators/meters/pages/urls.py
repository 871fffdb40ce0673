from django.urls import path

from concentrators.meters.pages import views

app_name = "meters"
urlpatterns = [
    path("", views.MeterList.as_view(), name="list"),
    path("<int:pk>/", views.MeterPage.as_view(), name="page"),
]
