"""The inventory (CON-1): companies, types, concentrators, when they were in field, and files that install them."""

from concentrators.models.companies import AnyUser, Company, CompanyQuerySet, sees_all
from concentrators.models.configuration import (
    Configuration,
    ConfigurationState,
    ConfigurationValue,
    Failure,
    ManagementPassword,
    Parameter,
)
from concentrators.models.files import CHANGES, InstallationFile, InstallationRow, RowKind
from concentrators.models.inventory import (
    DEFAULT_MANAGEMENT_PORT,
    DEFAULT_MANUFACTURER,
    Concentrator,
    ConcentratorQuerySet,
    ManagementAddress,
    State,
)
from concentrators.models.planned import (
    PlannedScope,
    PlannedSource,
    PlannedWindow,
    PlannedWork,
)
from concentrators.models.power_failures import PowerFailure, PowerLog
from concentrators.models.rollouts import UNSETTLED, Outcome, RollOut, RollOutMember, RollOutState
from concentrators.models.searches import PastedList
from concentrators.models.service import Assignment, OutOfService
from concentrators.models.types import DEFAULT_TYPE, ConcentratorType, KindRule
from concentrators.models.watches import PastWatch, Watch

__all__ = [
    "CHANGES",
    "DEFAULT_MANAGEMENT_PORT",
    "DEFAULT_MANUFACTURER",
    "DEFAULT_TYPE",
    "UNSETTLED",
    "AnyUser",
    "Assignment",
    "Company",
    "CompanyQuerySet",
    "Concentrator",
    "ConcentratorQuerySet",
    "ConcentratorType",
    "Configuration",
    "ConfigurationState",
    "ConfigurationValue",
    "Failure",
    "InstallationFile",
    "InstallationRow",
    "KindRule",
    "ManagementAddress",
    "ManagementPassword",
    "OutOfService",
    "Outcome",
    "Parameter",
    "PastWatch",
    "PastedList",
    "PlannedScope",
    "PlannedSource",
    "PlannedWindow",
    "PlannedWork",
    "PowerFailure",
    "PowerLog",
    "RollOut",
    "RollOutMember",
    "RollOutState",
    "RowKind",
    "State",
    "Watch",
    "sees_all",
]
