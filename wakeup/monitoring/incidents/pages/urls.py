from django.urls import path

from wakeup.monitoring.incidents.pages import commands, views

app_name = "incidents"
urlpatterns = [
    path("", views.IncidentList.as_view(), name="list"),
    path("work-list/", views.WorkList.as_view(), name="work-list"),
    path("<int:pk>/", views.IncidentPage.as_view(), name="page"),
    path("<int:pk>/acknowledge/", commands.Acknowledge.as_view(), name="acknowledge"),
    path("<int:pk>/comment/", commands.Comment.as_view(), name="comment"),
    path("<int:pk>/owner/", commands.HandOver.as_view(), name="owner"),
    path("<int:pk>/re-class/", commands.Reclass.as_view(), name="re-class"),
    path("<int:pk>/merge/", commands.Merge.as_view(), name="merge"),
    path("<int:pk>/split/", commands.Split.as_view(), name="split"),
]
