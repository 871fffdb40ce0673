from django.urls import path

from wakeup.monitoring.notifications.pages import views

app_name = "receivers"
urlpatterns = [path("receivers/<int:pk>/test/", views.TestReceiver.as_view(), name="test")]
