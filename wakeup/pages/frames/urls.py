from django.urls import path

from wakeup.pages.frames.views import WhatFrame

app_name = "frames"
urlpatterns = [path("frame/", WhatFrame.as_view(), name="what")]
