"""The words of the sheet for data protection officers, in English and in French."""

from __future__ import annotations

from typing import Final

ENGLISH: Final[dict[str, str]] = {
    "title": "Audience measurement on {site}: data sheet",
    "what": "What this is",
    "what text": "A program in the site’s own application counts page views. It keeps sums in a"
    " database of the site’s own, and no record of a visit or a visitor. It is built so that"
    " nothing stored is personal data. This sheet is made from the running configuration. It is"
    " material for an assessment: it is no certificate, and does not replace one.",
    "dictionary": "Data dictionary",
    "dictionary text": "Every table and column of the database. `firstparty verify DATABASE`"
    " reads a database and fails if there is a table, a column, a shape of value or an age that"
    " is not allowed here.",
    "head table": "Table",
    "head column": "Column",
    "head about": "What it is",
    "head values": "Values",
    "largest": "Largest size",
    "largest text": "The most rows that there can be, by caps of names and periods that are kept,"
    " and an upper bound of their bytes in SQLite, with four processes that write.",
    "head part": "Dimension or table",
    "head rows": "Rows at most",
    "head bytes": "Bytes at most",
    "the site": "(the site)",
    "device": "What is read from the device",
    "device text": "With no script on the page nothing is read from the device: counting then"
    " uses what the browser sends with every request. Nothing is written to the device; the"
    " script files may be in the browser’s cache for a day, the same for everyone. With"
    " `exposure` on, a browser is asked to report loads from third parties; the browser does so"
    " itself, without a script.",
    "head file": "File",
    "head reads": "What it reads",
    "head switch": "Switch",
    "head now": "Now",
    "address": "the page’s address",
    "no script": "leave the script out",
    "where put": "where the site has put the script",
    "on": "on",
    "off": "off",
    "tests": "The three tests of anonymity",
    "single": "Singling out. A count stands for views, not for a person, and there is no row per"
    " visit. Counts by the day have one dimension; crossed ones are by the month, and small ones"
    " are hidden and later deleted. What is left: on a site with very few visitors a total can be"
    " one person’s; the total by the hour, and the pages of a day, are not hidden. Whoever knows"
    " from elsewhere that somebody came at that hour learns which pages were opened then.",
    "link": "Linkability. Nothing joins two views: no identifier, no hash, no address, no cookie."
    " A page and the page before it are counted together, by the month. What is left: in the"
    " running process, and in a batch of a few seconds, few views may stand together; the batches"
    " are not kept apart on the disk, and the write-ahead log is emptied after each.",
    "infer": "Inference. Numbers below the threshold are hidden, and with them the next one where"
    " a subtraction would give it away. What is left: whoever can read the database again and"
    " again sees counts grow, and may learn what a visit added that they know of from elsewhere."
    " Within the threshold’s reach the exact sums of a tiny site allow guesses.",
    "rest": "Text that came from visitors (paths, campaigns, hosts) is masked and has a name only"
    " after several sightings. A rule can miss what a person would recognise: `firstparty forget`"
    " takes such a name out. This is disclosure control over views; it is not k-anonymity over"
    " people.",
    "logs": "What else there is",
    "logs text": "This program reads no network address. The web server, a proxy, a content"
    " delivery network and the application itself may: their access logs often hold address,"
    " time, page and browser of each request, which is personal data, for as long as somebody has"
    " set. Neither this sheet nor the database says anything about them. They are to be assessed"
    " apart.",
    "check": "How to check",
    "check text": "The code is open to read. `tests/test_privacy.py` has a test for each line of"
    " the promise; the visitors’ page shows which counts one request adds. `firstparty exposure`"
    " and `firstparty audit` tell which third parties the pages load from.",
    "sources": "Sources",
}

FRENCH: Final[dict[str, str]] = {
    "title": "Mesure d’audience de {site} : fiche",
    "what": "De quoi il s’agit",
    "what text": "Un programme dans l’application même du site compte les pages vues. Il garde"
    " des sommes dans une base du site, et aucun enregistrement d’une visite ou d’un visiteur. Il"
    " est conçu pour que rien de ce qui est conservé ne soit une donnée personnelle. Cette fiche"
    " est faite à partir de la configuration en service. Elle sert à une évaluation : elle n’est"
    " pas un certificat et ne la remplace pas.",
    "dictionary": "Dictionnaire des données",
    "dictionary text": "Chaque table et chaque colonne de la base. `firstparty verify DATABASE`"
    " lit une base et échoue s’il y a une table, une colonne, une forme de valeur ou un âge qui"
    " n’est pas permis ici.",
    "head table": "Table",
    "head column": "Colonne",
    "head about": "Ce que c’est",
    "head values": "Valeurs",
    "largest": "Taille maximale",
    "largest text": "Le plus grand nombre de lignes possible, selon les plafonds de noms et les"
    " périodes conservées, et une borne supérieure de leurs octets dans SQLite, avec quatre"
    " processus qui écrivent.",
    "head part": "Dimension ou table",
    "head rows": "Lignes au plus",
    "head bytes": "Octets au plus",
    "the site": "(le site)",
    "device": "Ce qui est lu dans l’appareil",
    "device text": "Sans script sur la page, rien n’est lu dans l’appareil : le comptage utilise"
    " alors ce que le navigateur envoie avec chaque demande. Rien n’est écrit dans l’appareil ;"
    " les fichiers du script peuvent rester un jour dans le cache du navigateur, les mêmes pour"
    " tous. Avec `exposure`, il est demandé au navigateur de signaler les chargements depuis des"
    " tiers ; il le fait lui-même, sans script.",
    "head file": "Fichier",
    "head reads": "Ce qu’il lit",
    "head switch": "Interrupteur",
    "head now": "Actuellement",
    "address": "l’adresse de la page",
    "no script": "ne pas mettre le script",
    "where put": "là où le site a mis le script",
    "on": "actif",
    "off": "inactif",
    "tests": "Les trois critères d’anonymat",
    "single": "Individualisation. Un compte représente des vues, pas une personne, et il n’y a"
    " pas de ligne par visite. Les comptes par jour ont une seule dimension ; les comptes croisés"
    " sont par mois, et les petits sont cachés puis effacés. Ce qui reste : sur un site de très"
    " peu de visiteurs, un total peut être celui d’une personne ; le total par heure et les pages"
    " d’un jour ne sont pas cachés. Qui sait par ailleurs que quelqu’un est venu à cette heure"
    " apprend quelles pages ont alors été ouvertes.",
    "link": "Corrélation. Rien ne relie deux vues : ni identifiant, ni condensat, ni adresse, ni"
    " cookie. Une page et la page précédente sont comptées ensemble, par mois. Ce qui reste :"
    " dans le processus en marche, et dans un lot de quelques secondes, peu de vues peuvent se"
    " trouver ensemble ; les lots ne sont pas distingués sur le disque, et le journal d’écriture"
    " est vidé après chacun.",
    "infer": "Inférence. Les nombres en dessous du seuil sont cachés, et avec eux le suivant"
    " quand une soustraction le révélerait. Ce qui reste : qui peut lire la base encore et encore"
    " voit les comptes croître, et peut apprendre ce qu’a ajouté une visite dont il a"
    " connaissance par ailleurs. À la portée du seuil, les sommes exactes d’un très petit site"
    " permettent des suppositions.",
    "rest": "Un texte venu de visiteurs (chemins, campagnes, hôtes) est masqué et n’a de nom"
    " qu’après avoir été vu plusieurs fois. Une règle peut manquer ce qu’une personne"
    " reconnaîtrait : `firstparty forget` retire un tel nom. C’est une maîtrise de la divulgation"
    " sur des vues ; ce n’est pas un k-anonymat sur des personnes.",
    "logs": "Ce qui existe par ailleurs",
    "logs text": "Ce programme ne lit aucune adresse réseau. Le serveur web, un mandataire, un"
    " réseau de diffusion et l’application elle-même le peuvent : leurs journaux d’accès"
    " contiennent souvent l’adresse, l’heure, la page et le navigateur de chaque demande, ce qui"
    " est une donnée personnelle, pour la durée que quelqu’un a réglée. Ni cette fiche ni la base"
    " n’en disent rien. Ils sont à évaluer à part.",
    "check": "Comment vérifier",
    "check text": "Le code peut être lu. `tests/test_privacy.py` a un test pour chaque ligne de"
    " la promesse ; la page des visiteurs montre quels comptes une demande ajoute. `firstparty"
    " exposure` et `firstparty audit` disent depuis quels tiers les pages chargent.",
    "sources": "Sources",
}

WORDS: Final = {"en": ENGLISH, "fr": FRENCH}

SOURCES: Final = (
    "Directive 2002/58/EC, Art. 5(3); EDPB Guidelines 2/2023 on its technical scope",
    "Article 29 Working Party, Opinion 05/2014 on anonymisation techniques (WP 216)",
    "CNIL, guidelines and recommendation on cookies and other trackers: audience measurement",
    "UK Office for National Statistics, disclosure control: threshold of 10",
    "W3C Content Security Policy Level 3; W3C Reporting API; Global Privacy Control",
)
