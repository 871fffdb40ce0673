from django.urls import path

from wakeup.monitoring.alarms import load_views, views

app_name = "alarms"
urlpatterns = [
    path("", views.AlarmList.as_view(), name="list"),
    path("load/", load_views.LoadPage.as_view(), name="load"),
    path("<int:pk>/", views.AlarmPage.as_view(), name="page"),
    *(
        path(f"<int:pk>/{command}/", views.CommandAlarm.as_view(command=command), name=command)
        for command in views.COMMANDS
    ),
]
