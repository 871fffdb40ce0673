from django.urls import path

from reports import views
from reports.meters import views as meters
from reports.reliability.views import ReliabilityPdf, ReliabilityReport, ReliabilityWorkbook
from reports.subscription_views import MonthlySubscriptions, Subscriptions, Unsubscribe

app_name = "reports"
urlpatterns = [
    path("in-field/", views.InFieldReport.as_view(), name="in-field"),
    path("meters/", meters.FieldReport.as_view(), name="meters"),
    path("meters-by-concentrator/", meters.CountReport.as_view(), name="meter-counts-by-concentrator"),
    path("meter-conflicts/", meters.ConflictReport.as_view(), name="meter-conflicts"),
    path("meter-counts/", meters.TallyReport.as_view(), name="meter-counts"),
    path("wakeup/", views.WakeupReport.as_view(), name="wakeup"),
    path("wakeup-per-day/", views.WakeupPerDayReport.as_view(), name="wakeup-per-day"),
    path("repeaters/", meters.RepeaterReport.as_view(), name="repeaters"),
    path("wakeup-by-days/", views.DaysReport.as_view(), name="days"),
    path("reliability/", ReliabilityReport.as_view(), name="reliability"),
    path("reliability/pdf/", ReliabilityPdf.as_view(), name="reliability-pdf"),
    path("reliability/workbook/", ReliabilityWorkbook.as_view(), name="reliability-workbook"),
    path("subscriptions/", Subscriptions.as_view(), name="subscriptions"),
    path("unsubscribe/<str:key>/", Unsubscribe.as_view(), name="unsubscribe"),
    path("subscriptions/monthly/", MonthlySubscriptions.as_view(), name="monthly-subscriptions"),
]
