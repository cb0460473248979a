"""The table of loads: what a page may load from elsewhere, and what whoever serves it then gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Load:
    """One kind of load.

    `directives` are those of a Content-Security-Policy that a browser names when it reports one.
    """

    kind: str
    label: str
    directives: tuple[str, ...]
    gets: str
    """One sentence: what the third party can get by it."""
    gets_fr: str

    @property
    def dimension(self) -> str:
        """The row of the dimension table that keeps on which pages there was one."""
        return f"third_party_{self.kind}"


LOADS: Final = (
    Load(
        "script",
        "Scripts",
        ("script-src-elem", "script-src", "script-src-attr", "worker-src"),
        "A script runs as a part of the page: it sees everything on it, what is typed into forms"
        " included, can change it, and can send what it sees elsewhere.",
        "Un script fait partie de la page : il voit tout ce qu’elle contient, y compris ce qui est"
        " saisi dans les formulaires, peut la modifier et envoyer ailleurs ce qu’il voit.",
    ),
    Load(
        "frame",
        "Frames",
        ("frame-src", "child-src", "fenced-frame-src", "object-src"),
        "A frame is a page of its own inside the page: whoever serves it gets the visitor’s"
        " network address, the kind of browser and the site, and sees what is done in the frame;"
        " not the page around it.",
        "Un cadre est une page à part dans la page : qui le fournit reçoit l’adresse réseau du"
        " visiteur, le type de navigateur et le site, et voit ce qui est fait dans le cadre ; pas"
        " la page autour.",
    ),
    Load(
        "connect",
        "Connections",
        ("connect-src", "ping-src"),
        "A script of the page sends something there: the host gets the visitor’s network address,"
        " the kind of browser, and whatever the script puts into it.",
        "Un script de la page y envoie quelque chose : l’hôte reçoit l’adresse réseau du visiteur,"
        " le type de navigateur et tout ce que le script y met.",
    ),
    Load(
        "form",
        "Forms",
        ("form-action",),
        "A form of the page is sent there: the host gets what the visitor has written in it.",
        "Un formulaire de la page y est envoyé : l’hôte reçoit ce que le visiteur y a écrit.",
    ),
    Load(
        "style",
        "Style sheets",
        ("style-src-elem", "style-src", "style-src-attr"),
        "A style sheet changes how the page looks and may load more; by it the host gets the"
        " visitor’s network address, the kind of browser and the page or the site, and rules can"
        " tell parts of what is on the page.",
        "Une feuille de style change l’aspect de la page et peut charger autre chose ; l’hôte"
        " reçoit l’adresse réseau du visiteur, le type de navigateur et la page ou le site, et des"
        " règles peuvent révéler une partie de ce que contient la page.",
    ),
    Load(
        "font",
        "Fonts",
        ("font-src",),
        "For a font the host gets the visitor’s network address, the kind of browser, and the page"
        " or the site.",
        "Pour une police, l’hôte reçoit l’adresse réseau du visiteur, le type de navigateur, et la"
        " page ou le site.",
    ),
    Load(
        "image",
        "Images",
        ("img-src",),
        "For an image the host gets the visitor’s network address, the kind of browser, and the"
        " page or the site; it may set a cookie where the browser lets it.",
        "Pour une image, l’hôte reçoit l’adresse réseau du visiteur, le type de navigateur, et la"
        " page ou le site ; il peut déposer un cookie si le navigateur le permet.",
    ),
    Load(
        "other",
        "Other loads",
        ("media-src", "manifest-src", "prefetch-src", "default-src"),
        "For sound, film and other files the host gets the visitor’s network address, the kind of"
        " browser, and the page or the site.",
        "Pour du son, une vidéo ou un autre fichier, l’hôte reçoit l’adresse réseau du visiteur, le"
        " type de navigateur, et la page ou le site.",
    ),
)
"""What says most about a visitor stands first."""

BY_KIND: Final[Mapping[str, Load]] = {load.kind: load for load in LOADS}
BY_DIRECTIVE: Final[Mapping[str, Load]] = {name: load for load in LOADS for name in load.directives}
