"""The optional files on the pages of a real site: what was done and measured is counted."""

from pathlib import Path

from playwright.sync_api import Browser
from serving import Counts, site, until
from visiting import visiting


def test_what_is_done_and_measured_on_a_page_is_counted_there(
    browsers: dict[str, Browser], other: str, tmp_path: Path
) -> None:
    options = {"admit_after": 1, "country": "timezone"}
    with (
        site(tmp_path, other, more=True, **options) as shown,
        browsers["bfcache"].new_context(timezone_id="Europe/Lisbon") as context,
        visiting(context, shown) as visitor,
    ):
        visitor.type("/pricing")
        visitor.page.locator("[data-tally-plan=pro]").click()
        visitor.page.wait_for_url("**/app/")
        visitor.type("/contact")
        visitor.fill("[name=email]", "ada@example.org")
        visitor.fill("[name=message]", "Good morning.")
        visitor.press("[name=email]", "Enter", "/contact/thanks")
        visitor.type("/about")

        def counted() -> dict[str, Counts]:
            names = ("event", "form", "screen", "country")
            return {
                name: shown.by("measured" if name in {"screen", "country"} else "events", name)
                for name in names
            }

        # Four pages were left; the event `message` is the application's own.
        expected = {
            "event": {"signup": 1, "message": 1},
            "form": {"contact": 1},
            "screen": {"1024 – 1439 px": 4},
            "country": {"PT": 4},
        }
        assert until(counted, lambda found: found == expected) == expected
        assert sum(shown.by("measured", "ttfb").values()) == 4
        assert sum(shown.by("measured", "visible").values()) == 4
        pages = {page: number for page, number in shown.by("measured", "path").items() if number}
        assert pages == {
            "/pricing": 1,
            "/app/": 1,
            "/contact": 1,
            "/contact/thanks": 1,
        }
        assert sum(shown.by("pageviews", "served").values()) == 5
        assert shown.left_out() == {}
