from django.urls import path

from wakeup import listener_views

app_name = "listeners"
urlpatterns = [path("listeners/", listener_views.ListenerList.as_view(), name="list")]
