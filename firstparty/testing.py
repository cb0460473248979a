"""For an application's own tests: a pytest fixture that tells what was counted.

Installed with the package, and loaded by pytest of itself:

    def test_the_prices_are_counted(client, analytics_counts):
        client.get("/pricing", headers=BROWSER)
        assert analytics_counts["/pricing"].pageviews == 1
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from firstparty.accumulate import Accumulator
    from firstparty.counts import Counts
    from firstparty.hits import Kind
    from firstparty.metrics import Vector
    from firstparty.names import Names
    from firstparty.periods import Moment
    from firstparty.row import Dimension
    from firstparty.settings import Settings
    from firstparty.sources import Seen

BROWSER: Final[Mapping[str, str]] = {
    "accept": "text/html,application/xhtml+xml",
    "accept-language": "en-GB,en;q=0.9",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "none",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
"""What a browser sends for an address that was typed in: a page view, and a visit.

A test client's own requests are no page views, as they are not those of a person's browser.
"""


class Numbers:
    """The metrics of one value, as attributes: `counts.pageviews`. What was not counted is 0."""

    def __init__(self, vector: Vector) -> None:
        from firstparty.metrics import COUNTED

        self._numbers = dict(zip(COUNTED, vector, strict=True))

    def __getattr__(self, name: str) -> int:
        numbers: dict[str, int] = self.__dict__.get("_numbers", {})
        if name not in numbers:
            raise AttributeError(f"{name!r} is not counted: there are {', '.join(numbers)}")
        return numbers[name]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={number}" for name, number in self._numbers.items() if number)
        return f"Numbers({shown})"


class Values(Mapping[str, Numbers]):
    """The values of one dimension that were counted; one that was not has only zeros."""

    def __init__(self, read: Callable[[], Mapping[str, Vector]]) -> None:
        self._read = read

    def __getitem__(self, value: str) -> Numbers:
        from firstparty.metrics import ZERO

        return Numbers(self._read().get(value, ZERO))

    def __contains__(self, value: object) -> bool:
        return value in self._read()

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr({value: self[value] for value in self})


class AnalyticsCounts(Values):
    """What was counted since the test began, by page: `analytics_counts["/pricing"].pageviews`.

    It reads what the process has counted, whatever has been written to a store, and of every
    `AnalyticsMiddleware` and `Analytics` of the process together.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(lambda: recorder.by("path"))
        self._recorder = recorder

    @property
    def total(self) -> Numbers:
        """The site's own total."""
        return self.by("")[""]

    def by(self, dimension: str) -> Values:
        """Another dimension by its name: `analytics_counts.by("event")["signup"].events`."""
        return Values(lambda: self._recorder.by(dimension))


class Recorder:
    """Takes note of what accumulators count, before and after they are emptied."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, Counts]] = []
        self._seen: list[Accumulator] = []

    def begins(self, accumulator: Accumulator) -> None:
        """What waits already was counted before the test."""
        if all(each is not accumulator for each in self._seen):
            self._seen.append(accumulator)
            self._parts.append((-1, accumulator.counts()))

    def takes(self, accumulator: Accumulator, counts: Counts) -> None:
        """What waited has gone to the store."""
        if any(each is accumulator for each in self._seen):
            self._parts.append((1, counts))

    def by(self, dimension: str) -> dict[str, Vector]:
        """The sums by value, of the values that have been counted."""
        from firstparty.metrics import ZERO

        found: dict[str, Vector] = {}
        crossed: dict[str, Vector] = {}
        here = [(1, accumulator.counts()) for accumulator in self._seen]
        for sign, counts in (*self._parts, *here):
            for key, vector in counts.items():
                if key.dimension == dimension and key.period in {"day", "crossed"}:
                    sums = found if key.period == "day" else crossed
                    pairs = zip(sums.get(key.value, ZERO), vector, strict=True)
                    sums[key.value] = tuple(a + sign * b for a, b in pairs)
        return {value: vector for value, vector in (found or crossed).items() if any(vector)}


@pytest.fixture
def analytics_counts(monkeypatch: pytest.MonkeyPatch) -> AnalyticsCounts:
    """What the application counts during this test.

    Names are admitted at once, and an `AnalyticsMiddleware` that is made meanwhile keeps its counts
    in memory, so that no test writes to the application's own store.
    """
    # Here, not above: pytest loads this module at every start, also where nobody asks for it.
    from firstparty import settings
    from firstparty.accumulate import Accumulator
    from firstparty.names import Names
    from firstparty.row import UNLISTED
    from firstparty.sources import Listed

    recorder = Recorder()
    add, take, see, load = Accumulator.add, Accumulator.take, Names.see, settings.load

    def added(self: Accumulator, kind: Kind, seen: Seen, moment: Moment, times: int = 1) -> None:
        recorder.begins(self)
        add(self, kind, seen, moment, times)

    def taken(self: Accumulator) -> Counts:
        counts = take(self)
        recorder.takes(self, counts)
        return counts

    def seen_at_once(self: Names, dimension: Dimension, value: str, day: int) -> str:
        # As if the application had made the name.
        return UNLISTED if value.startswith("(") else see(self, dimension, Listed(value), day)

    def loaded(options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
        return replace(load(options, environ), store="memory://")

    monkeypatch.setattr(Accumulator, "add", added)
    monkeypatch.setattr(Accumulator, "take", taken)
    monkeypatch.setattr(Names, "see", seen_at_once)
    monkeypatch.setattr(settings, "load", loaded)
    return AnalyticsCounts(recorder)
