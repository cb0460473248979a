"""The page for visitors in Chromium: without script, on a phone, dark, printed, in French."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect
from serving import PASSWORD, running
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from test_page_access import LOOKS, barriers

from firstparty import AnalyticsMiddleware, ThirdParty

OWN: Final = ":root { --page: #102030; --ink: #f0f0f0; --accent: #ffcc00; }"
ADDRESS: Final = "/privacy/analytics"


async def style(request: Any) -> Response:
    return Response(OWN, media_type="text/css")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    app = AnalyticsMiddleware(
        Starlette(routes=[Route("/own.css", style)]),
        store="memory://",
        password=PASSWORD,
        privacy=ADDRESS,
        exposure="report",
        accepted=(ThirdParty("fonts.gstatic.com", purpose="our typeface"),),
    )
    with running(app) as base:
        yield base


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_page_has_no_barrier_and_is_no_wider_than_the_screen(
    browsers: dict[str, Browser], site: str, lang: str, scheme: Any, width: int
) -> None:
    context = browsers["free"].new_context(
        color_scheme=scheme, viewport={"width": width, "height": 844}
    )
    page = context.new_page()
    page.goto(f"{site}{ADDRESS}?lang={lang}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert barriers(page) == []
    context.close()


def test_without_script_its_links_lead_to_the_tests_the_receipt_and_the_other_language(
    browsers: dict[str, Browser], site: str
) -> None:
    context = browsers["free"].new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site}{ADDRESS}")
    name = "test_whoever_objects_changes_no_number_anywhere"
    page.get_by_role("link", name=name).click()
    assert page.url == f"{site}/stats/promise#{name}"
    expect(page.locator("b:target")).to_have_text(name)
    expect(page.locator("b:target")).to_be_in_viewport()
    assert said == []
    page.goto(f"{site}{ADDRESS}")
    page.get_by_role("link", name="the receipt of your own visit").click()
    expect(page.locator("body")).to_contain_text('"said"')
    page.goto(f"{site}{ADDRESS}")
    page.get_by_role("link", name="Français").click()
    expect(page.locator("h1")).to_contain_text("Ce qui est compté")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_printed_in_dark_ink_on_white(
    browsers: dict[str, Browser], site: str, scheme: Any
) -> None:
    context = browsers["free"].new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{site}{ADDRESS}")
    page.emulate_media(media="print", color_scheme=scheme)
    colours = page.evaluate(
        """() => ["body", "thead th", "#counted td:nth-child(3)", "#object a"].map((each) => {
            const { color } = getComputedStyle(document.querySelector(each));
            return Math.max(...color.match(/\\d+/g).map(Number));
        })"""
    )
    assert max(colours) <= 0x6B
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator("nav")).to_be_hidden()
    context.close()


def test_a_few_variables_give_it_the_colours_of_the_site(browsers: dict[str, Browser]) -> None:
    app = AnalyticsMiddleware(
        Starlette(routes=[Route("/own.css", style)]),
        store="memory://",
        password=PASSWORD,
        privacy_style="/own.css",
    )
    with running(app) as base:
        page = browsers["free"].new_page()
        page.goto(f"{base}/stats/privacy")
        found = page.evaluate(
            """() => ["body", "#object a"].map((each) => {
                const style = getComputedStyle(document.querySelector(each));
                return [style.backgroundColor, style.color];
            })"""
        )
        page.close()
    assert found[0] == ["rgb(16, 32, 48)", "rgb(240, 240, 240)"]
    assert found[1][1] == "rgb(255, 204, 0)"
