from django.urls import path

from concentrators.meters.upload import views

app_name = "meterfiles"
urlpatterns = [
    path("", views.UploadMeters.as_view(), name="upload"),
    path("template/", views.MeterTemplate.as_view(), name="template"),
    path("template/master/", views.MasterTemplate.as_view(), name="master-template"),
    path("<uuid:pk>/", views.MeterFilePreview.as_view(), name="preview"),
]
