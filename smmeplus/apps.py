from django.apps import AppConfig


class SmmeplusConfig(AppConfig):
    name = "smmeplus"
    verbose_name = "SMM ePlus"
