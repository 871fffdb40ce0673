from django.urls import path

from wakeup.monitoring.alarms import views

app_name = "alarms"
urlpatterns = [
    path("", views.AlarmList.as_view(), name="list"),
    path("<int:pk>/", views.AlarmPage.as_view(), name="page"),
    *(
        path(f"<int:pk>/{command}/", views.CommandAlarm.as_view(command=command), name=command)
        for command in views.COMMANDS
    ),
]
