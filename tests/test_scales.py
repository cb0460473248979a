"""Scales: numbers as ranges that can be summed, and what the ranges tell."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstparty import scales
from firstparty.scales import Scale
from tests.driving import api, beacon, counting, request

SCALES = [scales.LCP, scales.INP, scales.CLS, scales.TTFB, scales.SERVED, scales.VISIBLE]
SMALL = Scale((10, 100), "ms")


def test_a_bound_belongs_to_the_range_that_it_ends() -> None:
    assert SMALL.labels == ("0 ms – 10 ms", "10 ms – 100 ms", "over 100 ms")
    assert [SMALL.labels.index(SMALL.label(n)) for n in (0, 10, 10.1, 100, 101, 10**9)] == [
        *(0, 0, 1, 1, 2, 2)
    ]


@given(st.sampled_from(SCALES), st.lists(st.integers(0, 20_000), min_size=1, max_size=200))
def test_a_percentile_lies_in_the_range_of_the_exact_one(scale: Scale, numbers: list[int]) -> None:
    counts = Counter(map(scale.label, numbers))
    for percent in scales.PERCENTILES:
        place = max(0, -(-len(numbers) * percent // 100) - 1)
        exact = sorted(numbers)[place]
        found = scale.percentile(counts, percent)
        assert found is not None
        at = scale.labels.index(scale.label(exact))
        low = (0, *scale.bounds)[at]
        high = scale.bounds[at] if at < len(scale.bounds) else low
        assert low <= found <= high


def test_nothing_counted_has_no_percentile() -> None:
    assert SMALL.percentile({}, 50) is None


@pytest.mark.parametrize("scale", [s for s in SCALES if s.good is not None])
def test_the_limits_of_the_vitals_are_bounds_so_that_no_range_is_of_two_ratings(
    scale: Scale,
) -> None:
    assert {scale.good, scale.poor} <= set(scale.bounds)
    assert scale.good is not None
    assert scale.poor is not None
    rated = [scale.rated({scale.label(n): 1}) for n in (scale.good, scale.good + 1, scale.poor + 1)]
    assert [{name for name, n in (each or {}).items() if n} for each in rated] == [
        {"good"},
        {"needs_improvement"},
        {"poor"},
    ]


def test_an_answer_by_ranges_has_their_percentiles_and_ratings() -> None:
    async def run() -> Any:
        site = counting()
        for milliseconds in (700, 900, 2100, 9000):
            await beacon(site, {"e": "pace", "u": "/", "lcp": milliseconds})
        asked = {"metrics": ["measured"], "date_range": "day", "dimensions": ["lcp"]}
        return (await api(site, "query", asked))[1]["meta"]["percentiles"]

    assert asyncio.run(run()) == [
        {
            "dimensions": [],
            "p50": 1000,
            "p75": 2500,
            "p95": 9200,
            "p99": 9840,
            "unit": "ms",
            "ratings": {"good": 3, "needs_improvement": 0, "poor": 1},
        }
    ]


def test_how_long_the_application_took_is_counted_by_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = count(0.0, 0.03)  # the clock is read before and after: each answer takes 30 ms
    monkeypatch.setattr("firstparty.middleware.perf_counter", lambda: next(ticks))

    async def run() -> Any:
        site = counting(listed=("/*",))
        for _ in range(12):
            await request(site, "/a")
        asked = {"metrics": ["pageviews"], "date_range": "day", "dimensions": ["path", "served"]}
        answer = (await api(site, "query", asked))[1]
        return answer["results"], answer["meta"]["percentiles"]

    results, percentiles = asyncio.run(run())
    assert results == [{"dimensions": ["/a", "25 ms – 50 ms"], "metrics": [12]}]
    assert [(each["dimensions"], each["p50"]) for each in percentiles] == [(["/a"], 38)]
