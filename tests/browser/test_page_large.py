"""A year of ten thousand pages, and one at the bounds of every dimension, are all there.

How long a hand waits is measured by `scripts/bench page`.
"""

import large
from playwright.sync_api import Browser


def test_a_year_of_ten_thousand_pages_is_asked_for_once_and_looked_through(
    browsers: dict[str, Browser],
) -> None:
    with large.served(large.year) as base, large.watched(browsers["free"], base) as shown:
        large.draw(shown)
        assert shown.page.evaluate(large.ASKED) == 1  # all of the first screen in one
        large.look_through(shown)


def test_a_year_at_the_bounds_of_every_dimension_is_taken_away_whole(
    browsers: dict[str, Browser],
) -> None:
    with large.served(large.bounds) as base, large.watched(browsers["free"], base) as shown:
        large.take_all(shown)
