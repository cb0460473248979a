// The English sentences of the first screen, in one table.

export const text = {
  title: (site) => `${site} · Stats`,
  summary: "Summary",
  intervals: "Interval of the chart",

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
  custom: "Choose dates…",
  period: "Period",
  earlier: "Period before",
  later: "Period after",

  compare: {
    previous_period: "vs. period before",
    previous_year: "vs. year before",
    none: "No comparison",
  },
  versus: (days) => `vs. ${days}`,
  comparison: "Comparison",

  live: (n, number) => `${number} ${n === 1 ? "view" : "views"} in 5 minutes`,
  live30: (n, number) => `${number} in 30`,

  interval: { hour: "Hours", day: "Days", week: "Weeks", month: "Months" },
  by: { hour: "by hour", day: "by day", week: "by week", month: "by month" },
  before: "before",
  soFar: "so far",
  legend: { comparison: "Compared with", running: "still running", months: "by whole months", began: (date) => `No full period before: counting began on ${date}` },
  chartHint: "Use the left and right arrow keys to read the values, Enter to open a period.",
  mark: { release: (name) => `Release ${name}` },
  noSeries: "No chart for this selection",
  nothing: "Nothing in this range",
  failed: "This could not be loaded",

  tooFew: (config) => `Too small to show: counts below ${config.min_count} that cross two things are withheld.`,

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

  more: "More",
  all: "All",
  details: "Details",
  share: "Share",
  shareOf: (total, unit) => `Share of ${total} ${unit}`,
  change: "Change",
  changeWhy: "Against the period that the page is compared with",
  isNew: "new",
  several: "Hold Ctrl or ⌘ to choose several",
  choose: (name) => `Filter by ${name}`,
  unchoose: (name) => `Remove the filter ${name}`,

  special: {
    "(unlisted)": (config, { named_by: setting } = {}) =>
      `Names seen fewer than ${config.admit_after} times. They are counted but not written down, ` +
      `so that a private link never reaches the disk.${setting ? ` Name them with the setting ${setting}=.` : ""}`,
    "(other)": () => "Names beyond the number of names that are kept. They are counted together.",
    "(unknown)": () => "The browser did not tell.",
  },

  noMonth: "No whole month yet",

  // What the server calls in English, where the page says it otherwise: tabs, titles, the subject of a filter.
  names: {
    group: { "Left out": "Coverage" },
    tab: { path: "All", previous: "Came from", event: "Events", third_party: "Reports", lcp: "LCP", inp: "INP", cls: "CLS", ttfb: "TTFB" },
    label: { left_out: "Left out" },
    view: {
      entry: ["Entry", "Entry pages"], exit: ["Exit", "Exit pages, an estimate"], dead: ["Dead", "Pages that nobody opened"], slow: ["Slow", "Slow pages"],
      goals: ["Goals", "Goals"], funnels: ["Funnels", "Funnels"], next: ["Went to", "Pages that followed"], seen: ["By page", "Coverage by page"], parties: ["Hosts", "Third parties"],
    },
    metric: { requests: "Requests", ignored: "Requests", misses: "Misses" },
    value: {
      bot: "Bots", prefetch: "Fetched ahead", "referrer spam": "Referrer spam", excluded: "Excluded", "bad beacon": "Malformed beacons", "beacon too large": "Beacons too large", "foreign beacon": "Foreign beacons",
    },
    over: (bound) => `over ${bound}`,
  },
};
