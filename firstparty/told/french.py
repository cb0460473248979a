"""The tables in French: a label and a sentence for each dimension, metric and reading."""

from __future__ import annotations

from typing import Final

DIMENSIONS: Final[dict[str, tuple[str, str]]] = {
    "path": (
        "Pages",
        (
            "Le chemin de la page, sans paramètres sauf ceux que le site nomme ; adresses"
            " électroniques, longs nombres et tout ce qui ressemble à un jeton sont masqués."
        ),
    ),
    "not_found": (
        "Pages introuvables",
        (
            "Le chemin d’une page qui n’existe pas, masqué de la même façon, et la page ou l’hôte"
            " qui y menait."
        ),
    ),
    "channel": (
        "Canaux",
        "D’où vient la visite, parmi sept canaux, d’après le référent et la campagne.",
    ),
    "source": (
        "Sources",
        (
            "Le nom du site d’où vient la visite, selon notre propre liste ; sinon le paramètre"
            " utm_source de la campagne, ou l’hôte du lien."
        ),
    ),
    "referrer": ("Référents", "L’hôte de la page qui menait ici ; jamais son chemin."),
    "utm_source": ("Sources de campagne", "Le paramètre utm_source du lien suivi, masqué."),
    "utm_medium": ("Supports de campagne", "Le paramètre utm_medium du lien suivi, masqué."),
    "utm_campaign": ("Campagnes", "Le paramètre utm_campaign du lien suivi, masqué."),
    "utm_content": ("Contenus de campagne", "Le paramètre utm_content du lien suivi, masqué."),
    "utm_term": ("Termes de campagne", "Le paramètre utm_term du lien suivi, masqué."),
    "language": ("Langues", "La première langue que le navigateur demande, sans sa région."),
    "browser": ("Navigateurs", "La famille du navigateur, sans sa version."),
    "os": ("Systèmes", "La famille du système d’exploitation, sans sa version."),
    "device": ("Appareils", "Ordinateur, téléphone, tablette ou téléviseur ; jamais le modèle."),
    "previous": ("Page précédente", "La page de ce site qui a mené à celle-ci, par mois."),
    "event": ("Événements", "Le nom d’un événement, tel que le site l’appelle."),
    "property": (
        "Propriétés",
        "Une propriété que le site donne à un événement, comme plan=pro, par mois.",
    ),
    "outbound": ("Liens sortants", "L’hôte d’un lien qui quitte le site."),
    "download": ("Téléchargements", "Le chemin d’un fichier, masqué comme les chemins."),
    "form": (
        "Formulaires",
        "Le nom d’un formulaire envoyé ; rien de ce qui y a été écrit.",
    ),
    "currency": (
        "Recettes",
        "La somme des montants que le programme du site donne avec des événements, par devise.",
    ),
    "visible": ("Temps sur la page", "Combien de temps la page était visible, en huit tranches."),
    "scroll": ("Défilement", "Jusqu’où la page a défilé, par quarts."),
    "screen": ("Écrans", "La largeur de l’écran, en cinq classes."),
    "lcp": (
        "Plus grand affichage (LCP)",
        "Le temps d’apparition de la plus grande partie de la page, en dix tranches.",
    ),
    "inp": (
        "Réponse (INP)",
        "Le temps de réponse de la page à un clic ou à une touche, en neuf tranches.",
    ),
    "cls": (
        "Décalage (CLS)",
        "La part de la page qui a bougé pendant la lecture, en huit tranches.",
    ),
    "ttfb": (
        "Premier octet (TTFB)",
        "Le temps d’attente du premier octet de la page, en neuf tranches.",
    ),
    "served": (
        "Temps du serveur",
        "Le temps de réponse du programme du site, en onze tranches.",
    ),
    "machine": (
        "Machines",
        "Le nom d’un programme qui demande une page, un flux ou robots.txt, dans une liste fixe.",
    ),
    "machine_kind": (
        "Sortes de machine",
        "À quoi sert un tel programme, par exemple chercher ou lire des flux.",
    ),
    "left_out": (
        "Non compté",
        (
            "Combien de demandes de pages n’ont pas été comptées, par motif. Les visiteurs qui"
            " s’opposent par Sec-GPC ou DNT ne sont pas même dans ce nombre."
        ),
    ),
    "country": (
        "Pays",
        (
            "Le pays, d’après un en-tête du réseau placé devant ce site, ou d’après le fuseau"
            " horaire du navigateur, qui n’est pas conservé ; jamais d’après une adresse."
        ),
    ),
    "third_party": (
        "Tiers",
        (
            "L’hôte d’une autre entreprise depuis lequel une page de ce site a chargé quelque"
            " chose, tel que le navigateur le signale pour une partie des pages."
        ),
    ),
}
THIRD_PARTY: Final = (
    "Tiers : {kind}",
    "Sur quelles pages il y a eu, dans un mois, un tel chargement : oui ou non, sans nombre.",
)
KINDS: Final = {
    "script": "scripts",
    "frame": "cadres",
    "connect": "connexions",
    "form": "formulaires",
    "style": "feuilles de style",
    "font": "polices",
    "image": "images",
    "other": "autres",
}

METRICS: Final[dict[str, tuple[str, str]]] = {
    "pageviews": ("Pages vues", "Pages montrées à une personne."),
    "visits": ("Visites", "Pages vues qui entrent sur le site. Des entrées, pas des personnes."),
    "departures": (
        "Départs",
        "Vues d’une autre page du site, arrivées depuis celle-ci.",
    ),
    "confirmed": ("Confirmées", "Pages vues que le script a vues aussi."),
    "confirmed_visits": ("Visites confirmées", "Visites que le script a vues."),
    "continued": ("Poursuivies", "Visites confirmées qui sont allées à une deuxième page."),
    "misses": ("Introuvables", "Pages demandées qui n’existent pas."),
    "ignored": ("Non comptées", "Demandes de pages qui n’ont pas été comptées."),
    "events": (
        "Événements",
        "Ce qui a été fait : événements nommés, liens sortants, téléchargements, formulaires.",
    ),
    "measured": ("Mesurées", "Pages vues mesurées par les fichiers facultatifs du script."),
    "seconds": ("Secondes", "Secondes pendant lesquelles des pages étaient visibles."),
    "amount": (
        "Montant",
        "La somme des montants donnés avec des événements, dans la plus petite unité.",
    ),
    "requests": ("Machines", "Demandes de machines, qui ne sont pas des vues."),
    "reports": (
        "Signalements",
        "Chargements depuis des tiers, signalés par les navigateurs pour une partie des pages.",
    ),
    "sampled": ("Échantillon", "Documents qui ont demandé de tels signalements."),
    "views_per_visit": ("Vues par visite", "Pages vues divisées par les visites."),
    "bounce_rate": (
        "Taux de rebond",
        "Part des visites confirmées sans deuxième page : une estimation.",
    ),
    "coverage": ("Couverture", "Part des pages vues que le script a confirmées."),
    "time_on_page": ("Temps par vue", "Secondes de visibilité d’une page, par vue mesurée."),
    "exits": ("Sorties", "Pages vues qu’aucune autre page du site n’a suivies, une estimation."),
}

READINGS: Final[dict[str, str]] = {
    "referrer": "la page précédente",
    "navigation": "si elle a été ouverte, rechargée ou retrouvée",
    "visit": "si c’est la première, la deuxième ou une autre page de la visite",
    "time": "combien de secondes la page était visible",
    "scroll": "jusqu’où elle a défilé, par quarts",
    "screen": "la largeur de l’écran, en cinq classes",
    "events": "les événements que le site a nommés",
    "outbound": "l’hôte d’un lien qui quitte le site",
    "downloads": "le chemin d’un fichier téléchargé",
    "forms": "le nom d’un formulaire envoyé, et rien de son contenu",
    "vitals": "la vitesse d’apparition et de réponse de la page, et ce qui en a bougé",
    "zone": "le fuseau horaire, dont le serveur ne garde que le pays",
}
