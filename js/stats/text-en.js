// Every English sentence of the stats page, in one table.

export const text = {
  title: (site) => `${site} · Stats`,

  range: {
    day: "Today",
    "7d": "Last 7 days",
    "28d": "Last 28 days",
    "30d": "Last 30 days",
    "91d": "Last 91 days",
    month: "This month",
    "6mo": "Last 6 months",
    "12mo": "Last 12 months",
    year: "This year",
    all: "All time",
  },
  yesterday: "Yesterday",
  from: "From",
  to: "To",
  apply: "Show",
  period: "Period",
  earlier: "Period before",
  later: "Period after",

  compare: {
    previous_period: "vs. period before",
    previous_year: "vs. year before",
    none: "No comparison",
  },
  comparison: "Comparison",

  live: (n, number) => `${number} ${n === 1 ? "view" : "views"} in the last 5 minutes`,

  interval: { hour: "Hours", day: "Days", week: "Weeks", month: "Months" },
  by: { hour: "by hour", day: "by day", week: "by week", month: "by month" },
  before: "before",
  soFar: "so far",
  legend: { comparison: "Compared with", running: "still running", months: "by whole months", began: (date) => `No full period before: counting began on ${date}` },
  chartHint: "Use the left and right arrow keys to read the values, Enter to open a period.",
  mark: { release: (name) => `Release ${name}` },
  noSeries: "No chart for this selection",
  nothing: "Nothing in this range",

  withheld: "withheld",
  none: "–",
  was: (value) => `${value} before`,
  same: "no change",
  points: ["pt", "pts"],
  hint: {
    bounce_rate: "needs the snippet",
    coverage: "needs the snippet",
    time_on_page: "needs more=True",
    views_per_visit: "needs a visit",
    other: "no data in this range",
    unavailable: "not with this filter",
  },

  operator: { is: "is", is_not: "is not", contains: "contains", contains_not: "does not contain" },
  or: " or ",
  filters: "Filters",
  removeFilter: (chip) => `Remove the filter ${chip}`,
  removeAll: "Remove all",

  more: "More",
  all: "All",
  details: "Details",
  share: "Share",
  search: "Search",
  searchIn: (label) => `Search in ${label}`,
  filterBy: (needle) => `Filter the page by “${needle}”`,
  showMore: "Show more",
  shown: (count, total) => `${count} of ${total}`,
  close: "Close",
  choose: (name) => `Filter by ${name}`,
  unchoose: (name) => `Remove the filter ${name}`,
  noMatch: (needle) => `No name contains “${needle}”.`,
  tooLong: "The list could not be read. Try again.",
  sort: (label) => `Sort by ${label}`,

  special: {
    "(unlisted)": (config, { named_by: setting } = {}) =>
      `Names seen fewer than ${config.admit_after} times. They are counted but not written down, ` +
      `so that a private link never reaches the disk.${setting ? ` Name them with the setting ${setting}=.` : ""}`,
    "(other)": () => "Names beyond the number of names that are kept. They are counted together.",
    "(unknown)": () => "The browser did not tell.",
  },

  note: {
    unlisted: (percent) => `${percent} unlisted`,
    withheld: "Small counts withheld",
    withheldWhy: (config) =>
      `A count below ${config.min_count} that crosses two things could point at one person, so it is not shown.`,
    months: (range) => `By whole months: ${range}`,
    noMonth: "No whole month yet",
    within: (half, most) => `Half within ${half}, 95% within ${most}`,
    withinWhy: "Estimated from the ranges: no single number is kept.",
    good: (most, good) => `75% within ${most} · ${good} good`,
    goodWhy: "Estimated from the ranges: no single number is kept. Good is what the Core Web Vitals call good.",
    monthsWhy: (config, key = "Pages") =>
      config.viewer === "public"
        ? "A public page shows names for whole, completed calendar months only."
        : `${key} crossed with something else are kept by the calendar month only, never by the day.`,
    quiet: (days) => `${days} quiet ${days === 1 ? "day" : "days"} left out`,
    quietWhy: (config) =>
      `A day with fewer than ${config.min_count} views keeps its total and pages, but not its other breakdowns. The month has them.`,
  },

  empty: { words: "Not switched on, or nothing yet", open: "how" },
  how: {
    Events: "call event() from Python, or put snippet_tag(request, more=True) on your pages: then links out, downloads and forms are counted too.",
    Engagement: "put snippet_tag(request, more=True) on your pages.",
    Vitals: "put snippet_tag(request, more=True) on your pages.",
    Countries: "set country=, which says whether a time zone or a header of your CDN tells them.",
    Machines: "no machine has come in this range.",
    other: "nothing in this range.",
  },
  apart: {
    words: "Not kept with this filter",
    open: "why",
    why: "Pages are crossed with one thing at a time, and what happens within an event with that event: so no combination can single a visitor out.",
  },
  unopened: { words: (pages, routes) => `${pages} of ${routes} pages were not opened`, open: "which" },
  goals: { title: "Goals", goal: "Goal", count: "Count", conversion: "Per 100 visits", step: "Step", from: "Of step before", first: "Of first step" },

  first: {
    title: "Waiting for the first view",
    lead: "Counting is on. Open any page of your site in another tab, and this page fills by itself.",
    leadScript: "Put the line below on your pages, then open one of them in another tab. This page fills by itself.",
    server: "Pages that your application serves are counted as they leave the server. No script is needed.",
    script: "Each page reports its view with one small request to your own domain. No cookie, no identifier.",
    optional: "Optional: one line for route changes and cached pages",
    optionalWhy: "The server does not see these. The line adds them, and fills bounce rate and coverage.",
    required: "The line for your pages",
    copy: "Copy",
    copied: "Copied",
    copyFailed: "Select the line to copy it",
    public: "Nothing has been counted yet.",
    objected: "A browser that sends Global Privacy Control or Do Not Track is not counted, nor is one that looks like a bot. With debug=True each page says in its Tally header what was made of it.",
  },

  error: {
    offline: "You are offline.",
    unreachable: "The server does not answer.",
    password: "A password is needed. Reload the page to enter it.",
    status: (status) => `The server answered with an error (${status}).`,
    says: (sentence) => `${sentence[0].toUpperCase()}${sentence.slice(1)}.`,
    stale: (time) => `The numbers below are from ${time}.`,
    staleQuery: "The numbers below are those of the selection before.",
    empty: "There is nothing to show until it does.",
    retry: "Try again",
  },

  foot: {
    promise: "Counted without cookies, identifiers or addresses.",
    what: "What is counted",
    visits: "Visits are entries to the site, not people.",
    signIn: "Sign in for all of it",
    left: (number, n) => `${number} ${n === 1 ? "request" : "requests"} left out`,
    zone: (zone) => `Time zone ${zone}`,
    store: (store) => `Store ${store.kind}: ${store.state}${store.detail ? ` (${store.detail})` : ""}`,
  },
};
