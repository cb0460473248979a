"""For Django: the snippet as a template tag, and what a request has of us.

TEMPLATES = [{…, "OPTIONS": {…, "libraries": {"firstparty": "firstparty.django"}}}]

{% load firstparty %}{% snippet_tag %}
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from firstparty.here import Here
from firstparty.snippet import here_of
from firstparty.snippet import snippet_tag as tag

register: Final[Any] = import_module("django.template").Library()
"""The tags, as Django looks for them."""


def snippet_tag(context: Mapping[str, Any], **options: Any) -> str:
    """The snippet's tag: `{% snippet_tag more=True nonce=request.csp_nonce %}`.

    It needs the request in the context, as Django's own context processor puts it there; without
    the middleware around the application it is empty.
    """
    return tag(context.get("request"), **options)


register.simple_tag(snippet_tag, takes_context=True)


def analytics(request: Any) -> Here:
    """What the middleware has left in a request of Django's, under ASGI as under WSGI.

    analytics(request).event("signup")

    Raises LookupError where no middleware is around the application.
    """
    here = here_of(request)
    if here is None:
        raise LookupError(
            "there is no firstparty middleware around the application: see"
            " docs/how-to/frameworks.md"
        )
    return here
