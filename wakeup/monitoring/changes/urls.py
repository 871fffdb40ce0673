from django.urls import path

from wakeup.monitoring.changes import views

app_name = "changes"
urlpatterns = [path("status-changes/", views.ChangeList.as_view(), name="list")]
