from django.urls import path

from profiles.procedures import views

app_name = "procedures"
urlpatterns = [
    path("", views.ProcedureList.as_view(), name="list"),
    path("add/", views.AddProcedure.as_view(), name="add"),
    path("<int:pk>/", views.ShowProcedure.as_view(), name="show"),
    path("<int:pk>/change/", views.ChangeProcedure.as_view(), name="change"),
    path("<int:pk>/clone/", views.CloneProcedure.as_view(), name="clone"),
    path("<int:pk>/default/", views.MakeDefault.as_view(), name="default"),
    path("<int:pk>/delete/", views.DeleteProcedure.as_view(), name="delete"),
]
