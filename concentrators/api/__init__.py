"""Companies, installations and roll-outs in the API (API-1); concentrators come with their status, in the next room."""

from concentrators.api.companies import Companies
from concentrators.api.installations import Installations
from concentrators.api.rollouts import RollOutCommands, RollOutMembers, RollOuts

__all__ = ["Companies", "Installations", "RollOutCommands", "RollOutMembers", "RollOuts"]
