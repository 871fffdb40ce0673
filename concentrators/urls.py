from django.urls import path

from concentrators import choose_views, upload_views, views

app_name = "concentrators"
urlpatterns = [
    path("", views.ConcentratorList.as_view(), name="list"),
    path("installation/", choose_views.Installation.as_view(), name="installation"),
    path("modification/", choose_views.Modification.as_view(), name="modification"),
    path("upload/", upload_views.Upload.as_view(), name="upload"),
    path("upload/template/", upload_views.Template.as_view(), name="upload-template"),
    path("upload/<uuid:pk>/", upload_views.Preview.as_view(), name="preview"),
    path("upload/<uuid:pk>/errors/", upload_views.Errors.as_view(), name="upload-errors"),
    path("removal/", choose_views.Removal.as_view(), name="removal"),
]
