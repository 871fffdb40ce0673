from django.urls import path

from wakeup.monitoring.configurations import views

app_name = "configurations"
urlpatterns = [
    path("", views.ConfigurationList.as_view(), name="list"),
    path("try-again/", views.TryConfigurationsAgain.as_view(), name="try-again"),
]
