from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SmmeplusConfig(AppConfig):
    name = "smmeplus"
    verbose_name = "SMM ePlus"

    def ready(self) -> None:
        from smmeplus import checks  # noqa: F401 - registers them
        from smmeplus.roles import make_roles

        post_migrate.connect(make_roles, dispatch_uid="roles")
