// The French sentences of the first screen, in one table.

const s = (n, word = "") => (Math.abs(n) < 2 ? word : `${word}s`);

export const text = {
  title: (site) => `${site} · Statistiques`,
  summary: "Résumé",
  intervals: "Intervalle",

  range: {
    day: "Aujourd’hui",
    "7d": "7 derniers jours",
    "28d": "28 derniers jours",
    "30d": "30 derniers jours",
    "91d": "91 derniers jours",
    month: "Ce mois-ci",
    "6mo": "6 derniers mois",
    "12mo": "12 derniers mois",
    year: "Cette année",
    all: "Depuis le début",
  },
  yesterday: "Hier",
  custom: "Choisir des dates…",
  period: "Période",
  earlier: "Période précédente",
  later: "Période suivante",

  compare: {
    previous_period: "vs. période précédente",
    previous_year: "vs. année précédente",
    none: "Sans comparaison",
  },
  versus: (days) => `vs. ${days}`,
  comparison: "Comparaison",

  live: (n, number) => `${number} ${s(n, "vue")} en 5 minutes`,
  live30: (n, number) => `${number} en 30`,

  interval: { hour: "Heures", day: "Jours", week: "Semaines", month: "Mois" },
  by: { hour: "par heure", day: "par jour", week: "par semaine", month: "par mois" },
  before: "avant",
  soFar: "jusqu’ici",
  legend: { comparison: "Comparé à", running: "en cours", months: "par mois entiers", began: (date) => `Compté depuis le ${date} : pas d’avant` },
  chartHint: "Les flèches lisent les valeurs, Entrée ouvre une période.",
  mark: { release: (name) => `Version ${name}` },
  noSeries: "Pas de graphique pour ce choix",
  nothing: "Rien dans cette période",
  failed: "Chargement impossible",
  tooFew: (config) => `Trop petit pour être montré : sous ${config.min_count}, les nombres qui croisent deux choses sont masqués.`,

  withheld: "masqué",
  none: "–",
  was: (value) => `${value} avant`,
  same: "inchangé",
  points: ["pt", "pts"],
  hint: {
    bounce_rate: "demande le script",
    coverage: "demande le script",
    time_on_page: "demande more=True",
    views_per_visit: "demande une visite",
    other: "pas de données",
    unavailable: "pas avec ce filtre",
  },

  more: "Plus",
  all: "Les",
  details: "Détails",
  share: "Part",
  shareOf: (total, unit) => `Part de ${total} ${unit}`,
  change: "Écart",
  changeWhy: "Par rapport à la comparaison",
  isNew: "nouveau",
  several: "Ctrl ou ⌘ pour en choisir plusieurs",
  choose: (name) => `Filtrer par ${name}`,
  unchoose: (name) => `Retirer le filtre ${name}`,

  special: {
    "(unlisted)": (config, { named_by: setting } = {}) =>
      `Noms vus moins de ${config.admit_after} fois. Comptés mais pas écrits : ` +
      `un lien privé n’atteint jamais le disque.${setting ? ` Nommez-les avec le réglage ${setting}=.` : ""}`,
    "(other)": () => "Noms au-delà du nombre gardé, comptés ensemble.",
    "(unknown)": () => "Le navigateur ne l’a pas dit.",
  },

  noMonth: "Pas encore de mois entier",

  names: {
    group: {
      Places: "Lieux", Devices: "Appareils", Flow: "Parcours", Events: "Événements",
      Vitals: "Vitesse", Server: "Serveur", "Left out": "Couverture", Countries: "Pays", Goals: "Objectifs", "Third parties": "Tiers",
    },
    tab: { path: "Toutes", previous: "D’où", third_party: "Signalements", lcp: "LCP", inp: "INP", cls: "CLS", ttfb: "TTFB" },
    label: {
      not_found: "Introuvables", channel: "Canaux", source: "Sources", referrer: "Référents",
      utm_source: "Sources de campagne", utm_medium: "Supports de campagne", utm_campaign: "Campagnes", utm_content: "Contenus de campagne", utm_term: "Termes de campagne",
      language: "Langues", country: "Pays", browser: "Navigateurs", os: "Systèmes", device: "Appareils", screen: "Écrans",
      previous: "Page d’avant", event: "Événements", property: "Propriétés", outbound: "Liens sortants", download: "Téléchargements", form: "Formulaires", currency: "Revenus",
      visible: "Temps sur la page", scroll: "Défilement", lcp: "Plus grand affichage (LCP)", inp: "Réponse (INP)", cls: "Décalage (CLS)", ttfb: "Premier octet (TTFB)",
      served: "Temps du serveur", machine: "Machines", machine_kind: "Genres de machine", left_out: "Laissé de côté", third_party: "Tiers",
    },
    view: {
      entry: ["Entrée", "Pages d’entrée"], exit: ["Sortie", "Pages de sortie, une estimation"], dead: ["Mortes", "Pages que personne n’a ouvertes"], slow: ["Lentes", "Pages lentes"],
      goals: ["Objectifs", "Objectifs"], funnels: ["Tunnels", "Tunnels"], next: ["Vers", "Pages suivantes"], seen: ["Par page", "Couverture par page"], parties: ["Hôtes", "Tiers"],
    },
    metric: {
      pageviews: "Pages vues", visits: "Visites", departures: "Départs", confirmed: "Confirmées", confirmed_visits: "Visites confirmées", continued: "Poursuivies",
      misses: "Introuvables", ignored: "Requêtes", events: "Événements", measured: "Mesurées", seconds: "Secondes", amount: "Montant", requests: "Requêtes", reports: "Signalements", sampled: "Échantillon",
      views_per_visit: "Pages par visite", bounce_rate: "Taux de rebond", coverage: "Couverture", time_on_page: "Temps sur la page", exits: "Sorties",
    },
    value: {
      "(unlisted)": "(sans nom)", "(other)": "(autres)", "(unknown)": "(inconnu)",
      Search: "Recherche", Social: "Réseaux sociaux", "AI assistants": "Assistants IA", Paid: "Payant", Referral: "Sites référents", Direct: "Direct",
      Desktop: "Ordinateur", Phone: "Téléphone", Tablet: "Tablette", TV: "Télévision", "In-app browser": "Navigateur d’application",
      bot: "robot", prefetch: "préchargement", "referrer spam": "spam de référent", excluded: "exclu", "bad beacon": "balise invalide", "beacon too large": "balise trop grande", "foreign beacon": "balise étrangère",
      "Search engine": "Moteur de recherche", "AI crawler": "Robot d’IA", "AI search": "Recherche par IA", "AI assistant": "Assistant IA", "Link preview": "Aperçu de lien", "Feed reader": "Lecteur de flux",
      "SEO crawler": "Robot SEO", Advertising: "Publicité", "Uptime check": "Surveillance", "HTTP library": "Bibliothèque HTTP", "Headless browser": "Navigateur sans écran", Other: "Autre",
      "under 480 px": "moins de 480 px", "from 1440 px": "à partir de 1440 px",
    },
    over: (bound) => `plus de ${bound}`,
  },
};
