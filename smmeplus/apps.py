from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save


class SmmeplusConfig(AppConfig):
    name = "smmeplus"
    verbose_name = "SMM ePlus"

    def ready(self) -> None:
        from smmeplus import checks  # noqa: F401 - registers them
        from smmeplus.roles import make_roles

        post_migrate.connect(make_roles, dispatch_uid="roles")
        self._count_guesses()
        self._tell_security_log()
        self._name_tokens_in_history()

    @staticmethod
    def _name_tokens_in_history() -> None:
        from simple_history.signals import pre_create_historical_record

        from smmeplus.api.tokens.history import name_token

        pre_create_historical_record.connect(name_token)

    @staticmethod
    def _count_guesses() -> None:
        """Before django-axes hears of a failure: from its answer to the tenth on, none looks like a guess."""
        from django.contrib.auth.signals import user_logged_in, user_login_failed

        from smmeplus.people import guessing
        from smmeplus.people.sessions.marking import mark

        user_login_failed.connect(guessing.failed)
        user_logged_in.connect(guessing.succeeded)
        user_logged_in.connect(mark)

    @staticmethod
    def _tell_security_log() -> None:
        from axes.signals import user_locked_out
        from django.contrib.admin.models import LogEntry
        from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

        from concentrators.keys.storing import keys_told
        from concentrators.procedures.rolling import roll_out_begun
        from smmeplus.people import security_log

        user_logged_in.connect(security_log.signed_in)
        user_logged_out.connect(security_log.signed_out)
        user_login_failed.connect(security_log.sign_in_failed)
        user_locked_out.connect(security_log.locked_out)
        post_save.connect(security_log.administered, sender=LogEntry)
        roll_out_begun.connect(security_log.rolled_out)
        keys_told.connect(security_log.keys_changed)
