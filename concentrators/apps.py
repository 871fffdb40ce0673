from django.apps import AppConfig


class ConcentratorsConfig(AppConfig):
    name = "concentrators"
    verbose_name = "Concentrators"
