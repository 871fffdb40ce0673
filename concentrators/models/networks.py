"""The networks from which messages of a concentrator or a company are expected (SEC-1)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.networks import NetworkError, read_networks

MAX_TEXT = 200  # characters: ten networks and more


def tidy_networks(text: str) -> str:
    """``text`` as it is stored, with one blank between networks. Raises ValidationError, which names what is none."""
    try:
        return " ".join(map(str, read_networks(text.replace(",", " ").split())))
    except NetworkError as error:
        raise ValidationError(_("“%s” is no network such as 10.60.0.0/16.") % error) from None


def networks_field() -> models.CharField[str, str]:
    """A plain CharField, which expressions can mix with others; its model has to clean it by ExpectsNetworks."""
    return models.CharField(
        _l("expected networks"),
        max_length=MAX_TEXT,
        blank=True,
        default="",
        db_default="",  # for processes of the version before
        help_text=_l("From where messages are expected, such as 10.60.0.0/16 10.61.7.8. Empty: from anywhere."),
    )


class ExpectsNetworks(models.Model):
    expected_networks: models.CharField[str, str]

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        try:
            self.expected_networks = tidy_networks(self.expected_networks)
        except ValidationError as error:
            raise ValidationError({"expected_networks": error}) from None
