from django.urls import path

from profiles import views

app_name = "profiles"
urlpatterns = [
    path("", views.ProfileList.as_view(), name="list"),
    path("add/", views.AddProfile.as_view(), name="add"),
    path("<int:pk>/", views.ShowProfile.as_view(), name="show"),
    path("<int:pk>/change/", views.ChangeProfile.as_view(), name="change"),
    path("<int:pk>/clone/", views.CloneProfile.as_view(), name="clone"),
    path("<int:pk>/delete/", views.DeleteProfile.as_view(), name="delete"),
]
