from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class ProfilesConfig(AppConfig):
    name = "profiles"
    verbose_name = _l("Spontaneous profiles")
