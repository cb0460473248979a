"""Accept-Language to one language of ISO 639-1, without its region."""

from __future__ import annotations

from typing import Final

_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb "
    "lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om "
    "or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw "
    "ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)

LANGUAGES: Final = (*_CODES.split(), "(other)", "(unknown)")
"""The two-letter codes of ISO 639-1."""

_KNOWN: Final = {code: code for code in _CODES.split()}
_STARTS: Final = {code + mark: code for code in _KNOWN for mark in ("", "-", ",", ";")}


def language(accepted: str) -> str:
    """The first language of an Accept-Language header (RFC 9110 §12.5.4): `fr-CH, en;q=0.9` → fr.

    `(unknown)` where the header is empty or asks for anything, `(other)` for a language that has
    no two-letter code.
    """
    # Most headers start with the code itself; the rest of the header is not looked at.
    code = _STARTS.get(accepted[:3])
    if code is not None:
        return code
    first = accepted[:64].split(",", 1)[0].split(";", 1)[0].strip().lower()
    if first in {"", "*"}:
        return "(unknown)"
    return _KNOWN.get(first.split("-", 1)[0], "(other)")
