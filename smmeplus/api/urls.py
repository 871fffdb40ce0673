"""Addresses under `/api/`: collects the resources of the rooms."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from concentrators.api import (
    Companies,
    DoneActions,
    Installations,
    PlannedWorks,
    RollOutCommands,
    RollOutMembers,
    RollOuts,
)
from concentrators.api.meter_conflicts import MeterConflicts
from profiles.api import Profiles, Settings
from profiles.procedures.api import ProcedureProfiles
from reports.api import DailyCounts, WakeupTotals
from reports.daily.api import DailyTotals
from reports.meters.api import MeterCounts, MeterCountsByConcentrator, Meters, Repeaters, Sightings
from reports.reliability.api import Availability, Reliability
from smmeplus.api.me import Me
from smmeplus.api.schema import Docs, Schema
from wakeup.api import Messages
from wakeup.monitoring.alarms.api import AlarmCommands, AlarmLoad, Alarms
from wakeup.monitoring.api import Concentrators
from wakeup.monitoring.changes.api import StatusChanges
from wakeup.monitoring.concentrator.service_api import OutsOfService
from wakeup.monitoring.configuration_api import Configurations, TryAgain
from wakeup.monitoring.incidents.api.resources import Incidents, Outages
from wakeup.monitoring.incidents.api.urls import urlpatterns as incident_commands
from wakeup.monitoring.notifications.feed.api import Events, EventSchema
from wakeup.monitoring.notifications.pages.api import Deliveries
from wakeup.monitoring.overview.api import ConcentratorCounts
from wakeup.monitoring.power_failures_api import PowerFailures

app_name = "api"

router = SimpleRouter(use_regex_path=False)
router.register("companies", Companies)
router.register("profiles", Profiles)
router.register("procedure-profiles", ProcedureProfiles)
router.register("concentrators", Concentrators)
router.register("concentrator-counts", ConcentratorCounts, basename="concentrator-counts")
router.register("roll-outs", RollOuts)
router.register("roll-out-members", RollOutMembers)
router.register("out-of-service", OutsOfService)
router.register("planned-work", PlannedWorks)
router.register("meter-conflicts", MeterConflicts)
router.register("configurations", Configurations)
router.register("messages", Messages)
router.register("status-changes", StatusChanges)
router.register("power-failures", PowerFailures)
router.register("outages", Outages)
router.register("incidents", Incidents)
router.register("alarms", Alarms)
router.register("deliveries", Deliveries)
router.register("events", Events, basename="event")
router.register("meters", Meters)
router.register("sightings", Sightings)
router.register("meter-counts-by-concentrator", MeterCountsByConcentrator, basename="meter-counts-by-concentrator")
router.register("meter-counts", MeterCounts, basename="meter-counts")
router.register("repeaters", Repeaters)
router.register("wakeup-totals", WakeupTotals)
router.register("daily-counts", DailyCounts)
router.register("daily-totals", DailyTotals, basename="daily-totals")
router.register("availability", Availability, basename="availability")

v1 = [
    path("configurations/try-again/", TryAgain.as_view(), name="configurations-try-again"),
    *router.urls,
    path("installations/", Installations.as_view(), name="installations"),
    path("installations/<uuid:audit_id>/", DoneActions.as_view(), name="installation-done"),
    path("roll-outs/<int:pk>/command/", RollOutCommands.as_view(), name="roll-out-command"),
    *incident_commands,
    path("alarms/<int:pk>/command/", AlarmCommands.as_view(), name="alarm-command"),
    path("alarm-load/", AlarmLoad.as_view(), name="alarm-load"),
    path("reliability/", Reliability.as_view(), name="reliability"),
    path("events/schema/", EventSchema.as_view(), name="event-schema"),
    path("me/", Me.as_view(), name="me"),
    path("settings/", Settings.as_view(), name="settings"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(url_name="api:schema"), name="docs"),
]
urlpatterns = [path("v1/", include(v1))]
