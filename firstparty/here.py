"""What the application has of us in each of its requests: `request.state.analytics`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.types import Scope

from firstparty import receipt
from firstparty.receipt import Receipt

if TYPE_CHECKING:
    from firstparty.analytics import Analytics, Stored
    from firstparty.settings import Settings

STATE: Final = "firstparty"
"""Where the middleware leaves a `Here` in an ASGI scope."""
ENVIRON: Final = "firstparty.analytics"
"""And where in a WSGI environ."""


class Here:
    """One request of the application: events of its own, its receipt, and the snippet's tag.

    One object a request, as applications may copy the scope. `root` is the path at which the
    middleware is: in a mounted application `root_path` is another. `nonce` is the snippet's, ""
    if it has none, None while no tag has been made. `failed` is set once the application has
    raised: whoever shows an error page then is around us, and that page has no tag.
    """

    # Defaults of the class, as most requests leave them as they are: this is the hot path.
    nonce: str | None = None
    failed = False

    def __init__(self, analytics: Analytics, scope: Scope, page: str, root: str) -> None:
        self._analytics = analytics
        self._scope = scope
        self.page = page
        self.root = root

    @property
    def settings(self) -> Settings:
        """The settings of the middleware."""
        return self._analytics.settings

    def event(
        self,
        name: str,
        properties: Mapping[str, object] | None = None,
        *,
        amount: int | None = None,
        currency: str | None = None,
    ) -> Stored:
        """Count an event of this request, at the page that it is for.

        As `Analytics.event`; but that of a visitor who objects, of a machine, or of a page that is
        excluded is not counted.
        """
        return self._analytics.event_of(self._scope, self.page, name, properties, amount, currency)

    def receipt(self) -> Receipt:
        """Which counts this request adds if it is answered now, by a page (status 200, HTML).

        Nothing is counted by asking. A page that a shared cache may keep adds nothing: it is left
        to the snippet, whose requests add what they confirm, and are not in this receipt.

        It is the whole truth, so also tells whether a path or a referrer has a name already: that
        others were here before. What `/stats/receipt` tells to everybody leaves that out.

            request.state.analytics.receipt().json()
        """
        return receipt.of(self._analytics.counting, self._scope, self.page)
