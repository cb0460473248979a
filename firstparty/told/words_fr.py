"""What visitors are told, in French. Braces are filled in; the keys are those of `words_en`."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "title": "Ce qui est compté sur {site}",
    "this site": "ce site",
    "short": "En bref",
    "lead": "Ce site compte combien de fois ses pages sont vues, sur son propre serveur. Il garde"
    " des sommes, comme « /pricing a été vue 41 fois mardi », et rien sur vous. Il est conçu pour"
    " que rien de ce qui est conservé ne soit une donnée personnelle.",
    "never": "Ce qui n’a jamais lieu",
    "never cookie": "Pour compter, aucun cookie n’est déposé ni lu, et rien sur vous n’est"
    " enregistré dans votre navigateur.",
    "never id": "Vous ne recevez aucun identifiant ; aucune empreinte, aucun condensat n’est fait"
    " de vous, pas même un instant.",
    "never cookie but theirs": "Ce programme, pour compter, ne dépose ni ne lit aucun cookie, et"
    " n’enregistre rien sur vous dans votre navigateur. Le script d’un autre outil le peut : voyez"
    " « Ce qui est lu, et où ».",
    "never id but theirs": "Ce programme ne vous donne aucun identifiant et ne fait de vous aucune"
    " empreinte, aucun condensat, pas même un instant. Celui que le script d’un autre outil envoie"
    " est jeté sans être lu.",
    "never address": "Votre adresse réseau n’est pas lue pour cela.",
    "never elsewhere": "Rien n’est envoyé à une autre entreprise.",
    "never sold": "Les comptes servent à ce site seul, et à aucune publicité.",
    "counted": "Ce qui est compté",
    "head what": "Quoi",
    "head how": "Comment c’est lu et rendu grossier",
    "head kept": "Conservé par",
    "head names": "Noms",
    "fixed": "une liste fixe de {number}",
    "at most": "au plus {number}",
    "present": "oui ou non",
    "thousands": " ",
    "hour": "heure",
    "day": "jour",
    "month": "mois",
    "crossed": "mois avec {by}",
    "the page": "la page",
    "the event": "l’événement",
    "masked": "Un texte venu d’un visiteur (un chemin, un hôte, une campagne) est d’abord masqué,"
    " et n’est écrit qu’après avoir été vu {sightings} ; d’ici là il compte comme « (unlisted) »."
    " Les chemins que le site a lui-même nommés, seuls ou par famille, ont leur nom aussitôt.",
    "times": "{number} fois",
    "once": "une fois",
    "numbers": "Ce que sont ces nombres",
    "head number": "Nombre",
    "head meaning": "Ce que c’est",
    "how long": "Combien de temps",
    "keep minutes": "Le total du site par minute : {minutes} minutes.",
    "keep hours": "Le total du site et chaque page par heure : {hours} jours.",
    "keep days": "Tout, par jour et par mois : {months} mois.",
    "keep crossed": "Une page avec une autre de ces choses, comme ses vues par navigateur : par"
    " mois seulement, et rien n’est montré en dessous de {least}. Trois jours après la fin du"
    " mois, ce qui est en dessous est effacé.",
    "keep quiet": "D’un jour de moins de {least} pages vues : son total et ses pages seulement, à"
    " partir du troisième jour après lui, et de même pour les jours qui le révéleraient. Le mois"
    " a le reste.",
    "deleted": "Ce qui est plus ancien est effacé par le programme lui-même.",
    "read": "Ce qui est lu, et où",
    "read server": "Le serveur lit, dans les demandes que votre navigateur fait de toute façon :"
    " l’adresse de la page, la page précédente, la langue et le type du navigateur, et des"
    " en-têtes qui disent comment une page a été ouverte.",
    "read script": "Si une page porte le script `tally.js`, il lit aussi dans votre navigateur,"
    " quand une page est montrée, et envoie à ce site : l’adresse de la page{read}. Le script est"
    " lisible tel qu’il est servi et n’enregistre rien ; votre navigateur peut garder le fichier"
    " lui-même un jour, le même pour tous.",
    "read more": "Si une page porte aussi le script `{file}`, il lit et envoie : {read}.",
    "read reports": "Pour une partie de ses pages, ce site demande à votre navigateur de signaler"
    " depuis quels autres hôtes la page charge quelque chose. D’un signalement sont lus la page,"
    " l’hôte et la sorte de chargement.",
    "read theirs": "Des pages peuvent aussi porter le script d’un autre outil, dont les appels"
    " arrivent à ce site : {tools}. Cette page ne peut répondre ni de ce qu’un tel script lit dans"
    " votre navigateur, ni des cookies et du stockage qu’il peut y utiliser. De ce qu’il envoie, ce"
    " site compte l’adresse de la page, la page précédente et des événements, comme il le fait de"
    " son propre script. Les identifiants de visiteur et de session, les noms d’utilisateur, les"
    " titres, les tailles d’écran et les sommes d’argent sont jetés sans être lus. Si vous vous y"
    " opposez comme décrit plus bas, rien de ce qu’il envoie n’est regardé.",
    "third": "Autres entreprises",
    "third none": "Le site n’a nommé aucune autre entreprise depuis laquelle ses pages chargent"
    " quelque chose. Une page peut toutefois contenir ce que personne n’a noté ici.",
    "third some": "Voici les autres entreprises depuis lesquelles des pages de ce site chargent"
    " quelque chose, et pourquoi. Chacune reçoit alors au moins votre adresse réseau. Une page"
    " peut toutefois contenir ce que personne n’a noté ici.",
    "third none block": "Les pages de ce site ne chargent rien depuis d’autres entreprises, sauf"
    " votre accord : votre navigateur reçoit l’ordre de refuser.",
    "third some block": "Les pages de ce site chargent depuis ces autres entreprises, et depuis"
    " aucune autre sauf votre accord : votre navigateur reçoit l’ordre de refuser. Chacune reçoit"
    " alors au moins votre adresse réseau.",
    "head host": "Hôte",
    "head company": "Entreprise",
    "head purpose": "Finalité",
    "not known": "inconnue",
    "not given": "non indiquée",
    "receipt": "Ce que cette visite ajoute",
    "receipt text": "Voyez [le reçu de votre propre visite]({receipt}) : chaque compte qui"
    " augmenterait si vous ouvriez maintenant la première page de ce site, selon le programme qui"
    " compte. Le reçu ne compte rien. Pour une autre page, ajoutez son adresse, comme"
    " `?path=/pricing`. Il n’y a rien d’autre à consulter.",
    "object": "Si vous vous opposez",
    "object text": "Activez [Global Privacy Control](https://globalprivacycontrol.org/) ou « Do"
    " Not Track » dans votre navigateur. Une visite avec l’un de ces signaux n’est pas comptée du"
    " tout, pas même parmi ce qui est laissé de côté.",
    "answers": "Quatre questions, et leurs réponses",
    "q1": "De combien de données a-t-on besoin ? De sommes de pages vues, comme indiqué plus"
    " haut. Il n’existe aucun enregistrement d’une personne ou d’une visite : il n’y en a donc"
    " aucun à demander, à corriger ou à perdre.",
    "q2": "Qu’est-ce qui est exposé à d’autres, dans quel but, et avec votre accord ? De ce qui"
    " est compté, rien. Les autres entreprises depuis lesquelles les pages chargent figurent sous"
    " « Autres entreprises », chacune avec sa finalité.",
    "q2 open": "Si votre accord est demandé avant qu’elles soient chargées, c’est à ce site de le"
    " dire : ce programme ne le sait pas.",
    "q2 block": "Hormis celles-ci, votre navigateur reçoit l’ordre de refuser toutes les autres"
    " tant que vous n’avez pas donné votre accord.",
    "q3": "Qu’est-ce qui passe d’abord ? Les comptes servent à faire marcher ce site. Ils ne sont"
    " pas un produit, et aucune publicité n’en est faite.",
    "q4": "Qu’est-ce qui en garantit la confidentialité ? Rien sur vous n’est conservé ; les"
    " petits nombres sont cachés puis effacés ; les textes sont masqués ; et le programme a des"
    " tests qui échouent si cela change.",
    "promise": "La promesse, et ses tests",
    "promise text": "Chaque ligne de la promesse est éprouvée par des tests du programme, nommés"
    " ici. Ils sont dans son fichier `tests/test_privacy.py`, que chacun peut lire : chaque nom y"
    " mène.",
    "head promise": "Ce qui est promis",
    "head tests": "Tests",
    "since": "Depuis quand",
    "since text": "Le programme note quand un réglage de ce qui est collecté change. Les notes"
    " sont conservées aussi longtemps que les comptes.",
    "since none": "Rien n’a encore été noté.",
    "head setting": "Réglage",
    "head value": "Valeur",
    "head since": "Depuis",
    "limits": "Ses limites",
    "limits text": "Qui peut lire la base de données du site à quelques secondes d’intervalle"
    " peut voir les sommes croître. Le serveur web placé devant ce programme peut tenir son"
    " propre journal d’accès ; cette page ne parle pas pour lui.",
    "law": "Une entreprise lit ceci pour en répondre : ce n’est ni un certificat ni un avis"
    " juridique. Selon une lecture stricte de la directive ePrivacy, ce qu’un script lit dans un"
    " navigateur est un accès à l’appareil ; chacune de ces lectures a un interrupteur, et figure"
    " ci-dessus si elle est active.",
}
