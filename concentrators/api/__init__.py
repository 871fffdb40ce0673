"""Companies, installations, roll-outs, planned work in the API (API-1). Concentrators come with their status above."""

from concentrators.api.companies import Companies
from concentrators.api.done import DoneActions
from concentrators.api.installations import Installations
from concentrators.api.planned_work import PlannedWorks
from concentrators.api.rollouts import RollOutCommands, RollOutMembers, RollOuts

__all__ = ["Companies", "DoneActions", "Installations", "PlannedWorks", "RollOutCommands", "RollOutMembers", "RollOuts"]
