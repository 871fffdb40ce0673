from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class ConcentratorsConfig(AppConfig):
    name = "concentrators"
    verbose_name = _l("Concentrators")

    def ready(self) -> None:
        from concentrators.keys import passwords, rotating  # noqa: F401 - register their checks
