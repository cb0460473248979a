"""Events: what was done, as the browser or the application tells it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from firstparty import minimise
from firstparty.collect import Collector
from firstparty.hits import AMOUNT, EVENT, PROPERTY
from firstparty.readings import CURRENCIES
from firstparty.row import Dimension
from firstparty.sources import Listed, Seen

MOST_PROPERTIES: Final = 5
LONGEST: Final = 64
"""Characters of a name, of a property and of its value."""
IDENTIFIERS: Final = frozenset(
    (
        *("id", "uid", "guid", "uuid", "email", "mail", "phone", "ip", "ipaddress", "username"),
        *("clientid", "customerid", "deviceid", "memberid", "sessionid", "userid", "visitorid"),
        *("accountid", "login", "orderid"),
    )
)
"""What a property may not be called, written without case, spaces, - and _: it would tell one
person, or one purchase, from the others."""
MOST_MONEY: Final = 10**12
"""Smallest units of a currency in one event."""

PLAIN: Final = str.maketrans("", "", " -_.")


class EventError(ValueError):
    """An event is not of the right shape; the sentence says what is."""


def name(value: object) -> str:
    """The name of an event. Raises EventError."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise EventError(f"an event has a name of 1 to {LONGEST} characters")
    return value


def coarse(value: object) -> str:
    """The name of an event that the application gives: written at once, so masked at once.

    `order 4711081512` is a slip, and becomes `order {number}`. Raises EventError.
    """
    found = minimise.text(name(value).encode("utf-8", "replace").decode())
    if not found or found.startswith("("):
        raise EventError(
            "the name of an event has a character that can be seen, and does not begin with ("
        )
    return found


def properties(given: object) -> dict[str, str]:
    """The properties of an event, as texts. Raises EventError."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or len(given) > MOST_PROPERTIES:  # pyright: ignore[reportUnknownArgumentType]
        raise EventError(f"an event has at most {MOST_PROPERTIES} properties, names with values")
    found = dict[str, str]()
    for key, value in given.items():  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST or "=" in key:
            raise EventError(
                f"a property has a name of 1 to {LONGEST} characters, none of which is ="
            )
        if key.lower().translate(PLAIN) in IDENTIFIERS:
            raise EventError(
                f"the property {key} would tell one visitor from the others, and counts are of"
                " many: leave it out, or name a group, as plan or role"
            )
        if not isinstance(value, str | int | float):
            raise EventError(f"the property {key} is no text, number or switch")
        if isinstance(value, int) and abs(value) >= 10**LONGEST:
            raise EventError(f"the property {key} has more than {LONGEST} characters")
        text = value if isinstance(value, str) else str(value)
        text = text.lower() if isinstance(value, bool) else text
        # It may be a visitor's, and of any length: it is masked and cut when it is counted. Half a
        # surrogate pair is no text: nothing behind this could write it.
        found[key.encode("utf-8", "replace").decode()] = text.encode("utf-8", "replace").decode()
    return found


def money(amount: object, currency: object) -> tuple[int, str]:
    """An amount in the smallest unit of its currency, negative for a refund. Raises EventError."""
    if amount is None and currency is None:
        return 0, ""
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise EventError(
            f"amount={amount!r}: write a whole number of the currency's smallest unit, as 4200 for"
            " 42.00 EUR"
        )
    if abs(amount) > MOST_MONEY:
        raise EventError(f"an amount is at most {MOST_MONEY:,} of the currency's smallest unit")
    if currency not in CURRENCIES:
        raise EventError(f"currency={currency!r}: write a code of ISO 4217, as 'EUR'")
    return amount, str(currency)


class Counter:
    """Counts events of one site. `named` are the names that goals have given."""

    def __init__(
        self, collector: Collector, rows: Iterable[Dimension], named: Collection[str] = ()
    ) -> None:
        self._collector = collector
        self._detailed = any(PROPERTY.name in row.kinds for row in rows)
        self._named = named

    def count(
        self,
        seen: Seen,
        said: Mapping[str, str],
        properties: Mapping[str, str],
        amount: int = 0,
        currency: str = "",
    ) -> None:
        """Count one event.

        `said` has its name under that of its dimension, as `{"event": "signup"}`.
        """
        event = said.get("event")
        if event in self._named:
            said = {**said, "event": Listed(event)}
        seen.said = {**said, "currency": currency} if currency else said
        add = self._collector.add
        add(EVENT, seen)
        if amount:
            add(AMOUNT, seen, amount)
        if self._detailed and event:
            for key, value in properties.items():
                seen.said = {**said, "property": f"{key}={value}"}
                add(PROPERTY, seen)
