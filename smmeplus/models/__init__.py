"""What belongs to an account beside Django's user, and to a token beside knox's; how often each asks, and what was said
to them (ACC-1, ACC-2, API-1).
"""

from smmeplus.models.accounts import Account
from smmeplus.models.answers import KeptAnswer
from smmeplus.models.authenticators import Authenticator
from smmeplus.models.guesses import Guesses
from smmeplus.models.requests import RequestCount
from smmeplus.models.sessions import Session
from smmeplus.models.tokens import TokenDetails

__all__ = ["Account", "Authenticator", "Guesses", "KeptAnswer", "RequestCount", "Session", "TokenDetails"]
