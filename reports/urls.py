from django.urls import path

from reports import views
from reports.subscription_views import Subscriptions

app_name = "reports"
urlpatterns = [
    path("in-field/", views.InFieldReport.as_view(), name="in-field"),
    path("wakeup/", views.WakeupReport.as_view(), name="wakeup"),
    path("wakeup-per-day/", views.WakeupPerDayReport.as_view(), name="wakeup-per-day"),
    path("wakeup-by-days/", views.DaysReport.as_view(), name="days"),
    path("subscriptions/", Subscriptions.as_view(), name="subscriptions"),
]
