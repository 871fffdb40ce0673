from django.urls import path

from wakeup.monitoring.overview import views

app_name = "overview"
urlpatterns = [path("", views.Overview.as_view(), name="page")]
