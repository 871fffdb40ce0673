"""What a metric of a listener holds."""

from __future__ import annotations

from prometheus_client import Counter, Histogram


def counted(counter: Counter) -> dict[str, float]:
    """Numbers by the values of the labels, those that were counted at all; "" where it has none."""
    (family,) = counter.collect()
    samples = (sample for sample in family.samples if sample.value or not sample.labels)
    return {" ".join(sample.labels.values()): sample.value for sample in samples}


def count_and_sum(histogram: Histogram) -> tuple[float, float]:
    (family,) = histogram.collect()
    values = {sample.name.removeprefix(family.name): sample.value for sample in family.samples}
    return values["_count"], values["_sum"]
