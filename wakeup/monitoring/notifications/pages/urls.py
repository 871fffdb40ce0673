from django.urls import path

from wakeup.monitoring.notifications.pages import views

app_name = "deliveries"
urlpatterns = [
    path("deliveries/", views.DeliveryList.as_view(), name="list"),
    path("deliveries/<int:pk>/send-now/", views.SendNow.as_view(), name="send-now"),
]
