from django.urls import path

from wakeup.pages.strays import bulk, views

app_name = "wakeup"
urlpatterns = [
    path("strays/", views.StrayList.as_view(), name="strays"),
    path("strays/ignore/", bulk.IgnoreChosen.as_view(), name="ignore-strays"),
    path("strays/create/", bulk.CreateFromChosen.as_view(), name="create-from-strays"),
    path("strays/<int:pk>/", views.ShowStray.as_view(), name="stray"),
    path("strays/<int:pk>/ignore/", views.IgnoreStray.as_view(), name="ignore-stray"),
    path("strays/<int:pk>/create/", views.CreateFromStray.as_view(), name="create-from-stray"),
]
