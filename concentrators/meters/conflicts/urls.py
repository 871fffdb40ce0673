from django.urls import path

from concentrators.meters.conflicts import views

app_name = "conflicts"
urlpatterns = [
    path("<int:pk>/", views.ConflictPage.as_view(), name="page"),
    path("<int:pk>/decide/", views.Decide.as_view(), name="decide"),
    path("<int:pk>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
]
