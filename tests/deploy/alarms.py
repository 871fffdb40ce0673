"""The numbers of a day on which all is well, and for each alarm of deploy/prometheus the one that makes it fire."""

from __future__ import annotations

from typing import Final, NamedTuple

#: As promtool writes series: 0+60x600 is a number that grows by 60 a minute, _ is none at all.
Values = str


class Series(NamedTuple):
    """A metric of the service ``job``, with its further labels."""

    job: str
    metric: str
    labels: str = ""

    def __str__(self) -> str:
        own = f'job="smmeplus-{self.job}", instance="h:1"'
        return f"{self.metric}{{{', '.join(filter(None, (own, self.labels)))}}}"


class Case(NamedTuple):
    """``series`` has ``values`` instead; at ``quiet`` no alarm fires yet, at ``fires`` this one and no other."""

    series: Series
    values: Values
    quiet: str
    fires: str


WELL: Final[dict[Series, Values]] = {
    Series("listener", "up"): "1x600",
    Series("writer", "up"): "1x600",
    Series("web", "up"): "1x600",
    Series("listener", "process_start_time_seconds"): "1x600",
    Series("watcher", "smmeplus_watcher_since_pass_seconds"): "5x600",
    Series("writer", "smmeplus_writer_since_pass_seconds"): "5x600",
    Series("meters", "smmeplus_meters_pass_fails"): "0x600",
    Series("listener", "process_open_fds"): "20000x600",
    Series("listener", "process_max_fds"): "65536x600",
    Series("listener", "smmeplus_listener_build_info", 'version="1.0"'): "1x600",
    Series("listener", "smmeplus_listener_messages_total", 'kind="keepalive", format="push"'): "0+6000x600",
    Series("listener", "smmeplus_listener_messages_total", 'kind="boot", format="push"'): "0x600",
    Series("listener", "smmeplus_listener_database_away"): "0x600",
    Series("listener", "smmeplus_listener_waits_for_standby"): "0x600",
    Series("listener", "smmeplus_listener_failed_frames_total"): "0x600",
    Series("listener", "smmeplus_listener_dropped_datagrams_total"): "0x600",
    Series("listener", "smmeplus_listener_answer_seconds_bucket", 'le="1"'): "0+600x600",
    Series("listener", "smmeplus_listener_answer_seconds_bucket", 'le="2"'): "0+600x600",
    Series("listener", "smmeplus_listener_answer_seconds_bucket", 'le="+Inf"'): "0+600x600",
    Series("listener", "smmeplus_listener_stray_frames_total", 'reason="unknown"'): "0+1x600",
    Series("listener", "smmeplus_listener_connections_cut_off_total", 'why="idle"'): "0+900x600",
    Series("listener", "smmeplus_listener_connections_cut_off_total", 'why="address"'): "0+1x600",
    Series("listener", "smmeplus_listener_tls_certificate_expires_timestamp_seconds"): "8640000x600",
    Series("canary", "smmeplus_canary_since_pass_seconds"): "60x600",
    Series("web", "smmeplus_web_requests_total", 'area="api", status="2xx"'): "0+600x600",
    Series("web", "smmeplus_web_requests_total", 'area="api", status="5xx"'): "0x600",
    Series("web", "smmeplus_web_requests_total", 'area="health", status="5xx"'): "0+600x600",
    Series("web", "smmeplus_web_request_seconds_bucket", 'area="pages", le="2"'): "0+60x600",
    Series("web", "smmeplus_web_request_seconds_bucket", 'area="pages", le="5"'): "0+60x600",
    Series("web", "smmeplus_web_request_seconds_bucket", 'area="pages", le="+Inf"'): "0+60x600",
    Series("web", "smmeplus_fleet_readable"): "1x600",
    Series("web", "smmeplus_fleet_last_message_timestamp_seconds", 'company="Chile"'): "0+60x600",
    Series("web", "smmeplus_fleet_last_message_timestamp_seconds", 'company="Empty"'): "0x600",
    Series("web", "smmeplus_fleet_wakeups_expected_per_minute", 'company="Chile"'): "100x600",
    Series("web", "smmeplus_fleet_wakeups_expected_per_minute", 'company="Empty"'): "0x600",
    Series("web", "smmeplus_fleet_wakeups_per_minute", 'company="Chile"'): "97x600",
    Series("web", "smmeplus_fleet_wakeups_per_minute", 'company="Empty"'): "0x600",
    Series("web", "smmeplus_fleet_concentrators", 'company="Chile", status="unreachable"'): "20x600",
    Series("web", "smmeplus_fleet_concentrators", 'company="Chile", status="reachable"'): "980x600",
    Series("web", "smmeplus_fleet_verdict", 'cause="our side"'): "0x600",
    Series("web", "smmeplus_fleet_verdict", 'cause="ok"'): "1x600",
    Series("web", "smmeplus_fleet_alarms_open", 'priority="high", acknowledged="no"'): "0x600",
    Series("web", "smmeplus_fleet_alarms_open", 'priority="low", acknowledged="no"'): "5x600",
    Series("web", "smmeplus_fleet_strays", 'reason="unknown"'): "40x600",
    Series("web", "smmeplus_fleet_counted_until_timestamp_seconds"): "0+60x600",
    Series("web", "smmeplus_fleet_delivery_wait_seconds"): "3x600",
    Series("web", "smmeplus_fleet_prune_behind_seconds"): "86400x600",
    Series("web", "smmeplus_fleet_partitions_until_timestamp_seconds"): "604800x600",
    Series("web", "smmeplus_fleet_reports_unmailed", 'kind="daily"'): "0x600",
    Series("web", "smmeplus_fleet_months_stored_timestamp_seconds"): "0+60x600",
}

WRONG: Final = {
    "SmmeplusServiceDown": Case(Series("writer", "up"), "0x200", "1m", "2m"),
    "SmmeplusNoListener": Case(Series("listener", "up"), "_x200", "0m", "1m"),
    "SmmeplusRestarts": Case(Series("listener", "process_start_time_seconds"), "1x30 2 3 4 5x100", "30m", "40m"),
    "SmmeplusStandsStill": Case(Series("watcher", "smmeplus_watcher_since_pass_seconds"), "0+60x200", "5m", "8m"),
    "SmmeplusPassesFail": Case(Series("meters", "smmeplus_meters_pass_fails"), "1x200", "4m", "5m"),
    "SmmeplusFewFilesLeft": Case(Series("listener", "process_open_fds"), "54000x200", "4m", "5m"),
    "SmmeplusVersionsDiffer": Case(Series("web", "smmeplus_web_build_info", 'version="0.9"'), "1x200", "59m", "1h"),
    "SmmeplusNoMessages": Case(
        Series("listener", "smmeplus_listener_messages_total", 'kind="keepalive", format="push"'), "7x200", "3m", "20m"
    ),
    "SmmeplusDatabaseAway": Case(Series("listener", "smmeplus_listener_database_away"), "1x200", "0m", "1m"),
    "SmmeplusWaitsForStandby": Case(Series("listener", "smmeplus_listener_waits_for_standby"), "1x200", "0m", "1m"),
    "SmmeplusFramesLost": Case(Series("listener", "smmeplus_listener_failed_frames_total"), "0x10 3x200", "10m", "12m"),
    "SmmeplusSlowAnswers": Case(
        Series("listener", "smmeplus_listener_answer_seconds_bucket", 'le="1"'), "0x200", "10m", "12m"
    ),
    "SmmeplusStrays": Case(
        Series("listener", "smmeplus_listener_stray_frames_total", 'reason="unknown"'), "0+120x200", "30m", "40m"
    ),
    "SmmeplusCutOff": Case(
        Series("listener", "smmeplus_listener_connections_cut_off_total", 'why="address"'), "0+20x200", "4m", "20m"
    ),
    "SmmeplusCertificateEnds": Case(
        Series("listener", "smmeplus_listener_tls_certificate_expires_timestamp_seconds"), "864000x200", "59m", "1h"
    ),
    "SmmeplusCanaryFails": Case(Series("canary", "smmeplus_canary_since_pass_seconds"), "0+60x200", "2m", "4m"),
    "SmmeplusWebFails": Case(
        Series("web", "smmeplus_web_requests_total", 'area="api", status="5xx"'), "0+10x200", "10m", "12m"
    ),
    "SmmeplusWebSlow": Case(
        Series("web", "smmeplus_web_request_seconds_bucket", 'area="pages", le="2"'), "0x200", "15m", "17m"
    ),
    "SmmeplusFleetUnreadable": Case(Series("web", "smmeplus_fleet_readable"), "0x200", "4m", "5m"),
    "SmmeplusCompanySilent": Case(
        Series("web", "smmeplus_fleet_last_message_timestamp_seconds", 'company="Chile"'), "0x200", "16m", "18m"
    ),
    "SmmeplusFewWakeups": Case(
        Series("web", "smmeplus_fleet_wakeups_per_minute", 'company="Chile"'), "40x200", "14m", "15m"
    ),
    "SmmeplusManyUnreachable": Case(
        Series("web", "smmeplus_fleet_concentrators", 'company="Chile", status="unreachable"'), "300x200", "9m", "10m"
    ),
    "SmmeplusOurSide": Case(Series("web", "smmeplus_fleet_verdict", 'cause="our side"'), "1x200", "1m", "2m"),
    "SmmeplusAlarmsWait": Case(
        Series("web", "smmeplus_fleet_alarms_open", 'priority="high", acknowledged="no"'), "2x200", "29m", "30m"
    ),
    "SmmeplusStraysFull": Case(Series("web", "smmeplus_fleet_strays", 'reason="unknown"'), "9990x200", "59m", "1h"),
    "SmmeplusWatcherBehind": Case(Series("web", "smmeplus_fleet_counted_until_timestamp_seconds"), "0x200", "6m", "8m"),
    "SmmeplusNotificationsWait": Case(Series("web", "smmeplus_fleet_delivery_wait_seconds"), "1801x200", "4m", "5m"),
    "SmmeplusPruneBehind": Case(Series("web", "smmeplus_fleet_prune_behind_seconds"), "259200x200", "59m", "1h"),
    "SmmeplusNoPartitions": Case(
        Series("web", "smmeplus_fleet_partitions_until_timestamp_seconds"), "86400x200", "59m", "1h"
    ),
    "SmmeplusReportsUnmailed": Case(
        Series("web", "smmeplus_fleet_reports_unmailed", 'kind="daily"'), "1x200", "59m", "1h"
    ),
    "SmmeplusMonthsNotStored": Case(
        Series("web", "smmeplus_fleet_months_stored_timestamp_seconds"), "0x600", "6h30m", "7h10m"
    ),
}
