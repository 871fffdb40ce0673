from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class WakeupConfig(AppConfig):
    name = "wakeup"
    verbose_name = _l("Wake-up messages")

    def ready(self) -> None:
        from wakeup.monitoring.inventory import unknown_lists  # noqa: F401 - receives a signal
