from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("wakeup/", views.WakeupReport.as_view(), name="wakeup"),
    path("wakeup-per-day/", views.WakeupPerDayReport.as_view(), name="wakeup-per-day"),
]
