from django.urls import path

from wakeup import stray_views

app_name = "wakeup"
urlpatterns = [
    path("strays/", stray_views.StrayList.as_view(), name="strays"),
    path("strays/<int:pk>/", stray_views.ShowStray.as_view(), name="stray"),
    path("strays/<int:pk>/ignore/", stray_views.IgnoreStray.as_view(), name="ignore-stray"),
    path("strays/<int:pk>/create/", stray_views.CreateFromStray.as_view(), name="create-from-stray"),
]
