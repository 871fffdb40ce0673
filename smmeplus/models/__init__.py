"""What belongs to an account beside Django's user (ACC-1, ACC-2)."""

from smmeplus.models.accounts import Account
from smmeplus.models.authenticators import Authenticator
from smmeplus.models.guesses import Guesses
from smmeplus.models.sessions import Session

__all__ = ["Account", "Authenticator", "Guesses", "Session"]
