"""What Prometheus reads of a page."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def samples(text: str, namespace: str) -> dict[str, float]:
    """Values by name without ``namespace``, and labels: ``concentrators company=Chile status=late``."""
    begin = f"{namespace}_"
    return {
        " ".join([sample.name.removeprefix(begin), *map("=".join, sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
