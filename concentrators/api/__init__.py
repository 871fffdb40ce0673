"""Companies and installations in the API (API-1); concentrators come with their status, in the next room."""

from concentrators.api.companies import Companies
from concentrators.api.installations import Installations

__all__ = ["Companies", "Installations"]
