"""A country from what a browser or a CDN says, without an address."""

import re
import zoneinfo
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import firstparty
from firstparty.countries import CODES, UNKNOWN, country

ZONES = {
    "Europe/Paris": "FR",
    "America/New_York": "US",
    "America/Argentina/Buenos_Aires": "AR",
    "Asia/Kolkata": "IN",
    "Australia/Lord_Howe": "AU",
    # One clock, several countries: the one whose name the zone bears.
    "Europe/Berlin": "DE",
    "Europe/Copenhagen": "DK",
    "Europe/Amsterdam": "NL",
    "Africa/Abidjan": "CI",
    "Africa/Accra": "GH",
    "Asia/Kuala_Lumpur": "MY",
    "America/Puerto_Rico": "PR",
    "America/Port_of_Spain": "TT",
    "Antarctica/McMurdo": "AQ",
}

REPLACED = {
    "America/Buenos_Aires": "AR",
    "America/Godthab": "GL",
    "America/Montreal": "CA",
    "America/Virgin": "VI",
    "Africa/Asmera": "ER",
    "Africa/Timbuktu": "ML",
    "Antarctica/South_Pole": "AQ",
    "Asia/Calcutta": "IN",
    "Asia/Dacca": "BD",
    "Asia/Istanbul": "TR",
    "Asia/Katmandu": "NP",
    "Asia/Macao": "MO",
    "Asia/Rangoon": "MM",
    "Asia/Saigon": "VN",
    "Asia/Tel_Aviv": "IL",
    "Asia/Ulan_Bator": "MN",
    "Atlantic/Faeroe": "FO",
    "Atlantic/Jan_Mayen": "SJ",
    "Australia/NSW": "AU",
    "Brazil/East": "BR",
    "Canada/East-Saskatchewan": "CA",
    "Canada/Eastern": "CA",
    "Cuba": "CU",
    "Eire": "IE",
    "Europe/Belfast": "GB",
    "Europe/Kiev": "UA",
    "Europe/Tiraspol": "MD",
    "GB": "GB",
    "GB-Eire": "GB",
    "Iceland": "IS",
    "Japan": "JP",
    "Kwajalein": "MH",
    "NZ": "NZ",
    "NZ-CHAT": "NZ",
    "Navajo": "US",
    "PRC": "CN",
    "Pacific/Johnston": "UM",
    "Pacific/Ponape": "FM",
    "Pacific/Samoa": "AS",
    "Pacific/Truk": "FM",
    "Pacific/Yap": "FM",
    "ROC": "TW",
    "ROK": "KR",
    "Singapore": "SG",
    "Turkey": "TR",
    "US/Arizona": "US",
    "US/Pacific": "US",
    "US/Pacific-New": "US",
    "US/Samoa": "AS",
    "W-SU": "RU",
}

OF_A_CDN = {
    "FR": "FR",
    "fr": "FR",
    "GB": "GB",
    "UK": "GB",
    "uk": "GB",
    "BV": "BV",  # an island where no clock is kept
    "XX": UNKNOWN,
    "T1": UNKNOWN,
    "EU": UNKNOWN,
    "AP": UNKNOWN,
    "A1": UNKNOWN,
}

NOWHERE = """
CET CST6CDT EET EST EST5EDT Etc/GMT Etc/GMT+3 Etc/UTC Factory GMT GMT+0 GMT-0 GMT0 Greenwich HST MET
MST MST7MDT PST8PDT UCT UTC Universal WET Zulu
"""

NOTHING = ("", " ", "FR ", "F", "FRA", "Europe", "Europe/", "europe/paris", "Europe/Nowhere")
HOSTILE = ("../../etc/passwd", "#", "# tzdata", "ıt", "ＦＲ", "FR\x00", "FR" * 100_000, "\ud800")

_DATABASES = [Path(folder, "tzdata.zi") for folder in zoneinfo.TZPATH]


@pytest.mark.parametrize(("value", "code"), (ZONES | REPLACED | OF_A_CDN).items())
def test_a_country_is_read_from_a_zone_or_from_a_header(value: str, code: str) -> None:
    assert country(value) == code


@pytest.mark.parametrize(
    "value", [*NOWHERE.split(), *NOTHING, *HOSTILE], ids=lambda value: value[:24]
)
def test_what_names_no_country_is_unknown(value: str) -> None:
    assert country(value) == UNKNOWN


def test_every_name_of_the_time_zone_database_has_a_country() -> None:
    text = next((p.read_text() for p in _DATABASES if p.exists()), "")
    if not text or text.split(maxsplit=3)[2] > "2026f":
        pytest.skip("this machine has none, or a newer one than ours: run scripts/facts zones")
    # Z is a zone, L a link: its target, then its name.
    names = {line.split()[1 + (line[0] == "L")] for line in text.splitlines() if line[0] in "ZL"}
    assert len(names) > 590
    unknown = {name for name in names if country(name) == UNKNOWN}
    assert {name for name in unknown if not name.startswith("Etc/")} <= set(NOWHERE.split())


def test_the_codes_are_those_of_iso_3166() -> None:
    codes = CODES[:-1]
    assert CODES[-1] == UNKNOWN
    assert len(codes) == 249
    assert list(codes) == sorted(set(codes))
    assert {code for code in codes if not re.fullmatch("[A-Z]{2}", code)} == set()
    assert {country(code) for code in CODES} == set(CODES)


def test_every_country_with_people_in_it_has_a_zone() -> None:
    assert {code for code, *zones in _rows() if not zones} == {"BV", "HM"}


def test_no_zone_belongs_to_two_countries() -> None:
    names = [name for _, *zones in _rows() for name in zones]
    assert len(names) == len(set(names)) > 540


@given(st.text() | st.sampled_from(CODES) | st.from_regex(r"[A-Z][a-z]+/[A-Z][a-z_]+"))
def test_any_text_becomes_a_code_and_a_code_stays_itself(value: str) -> None:
    code = country(value)
    assert code in CODES
    assert country(code) == code


def _rows() -> list[list[str]]:
    path = Path(firstparty.__file__).parent / "data/zones.txt"
    head, *lines = path.read_text(encoding="ascii").splitlines()
    assert head.startswith("# tzdata 2026f")
    return [line.split() for line in lines]
