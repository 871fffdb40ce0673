from django.urls import path

from concentrators.rollouts import views

app_name = "rollouts"
urlpatterns = [
    path("", views.RollOutList.as_view(), name="list"),
    path("members/", views.MemberList.as_view(), name="members"),
    path("<int:pk>/", views.RollOutPage.as_view(), name="page"),
    *(
        path(f"<int:pk>/{command}/", views.CommandRollOut.as_view(command=command), name=command)
        for command in views.BUTTONS
    ),
]
