from django.urls import path

from wakeup.pages.listeners import views

app_name = "listeners"
urlpatterns = [path("listeners/", views.ListenerList.as_view(), name="list")]
