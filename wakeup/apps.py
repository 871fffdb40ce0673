from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class WakeupConfig(AppConfig):
    name = "wakeup"
    verbose_name = _l("Wake-up messages")
