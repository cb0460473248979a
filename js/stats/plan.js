// Which queries the page needs for what is chosen, all for one request. Pure.

import { addDays, completedMonths, intervalsOf, spanOf, wholeMonths } from "./dates.js";

/** Rows of a panel. */
export const ROWS = 8;

// Rows that are asked for where only their own sum is the whole: kinds of event have one total together.
const SUMMED = 100;

const HEADLINE = ["visits", "pageviews", "views_per_visit", "bounce_rate"];
const FIFTH = ["time_on_page", "coverage", "misses"];
const SIXTH = "events";

// What every site that counts has some of: its panels are there, and asked for before the totals are known.
const USUAL = ["pageviews", "visits", "exits"];

const rowOf = (config, name) => config.dimensions.find((dimension) => dimension.name === name);
const namesOf = (filters) => [...new Set(filters.map(([, name]) => name))];

/**
 * The metrics that may be asked for of these dimensions together: none where they are not kept together.
 * Kept are a dimension by itself, and one crossed with the other that its row names in `by`.
 */
export function metricsOf(names, config) {
  const [first, second] = names.map((name) => rowOf(config, name));
  if (!names.length) return config.metrics.filter(({ of_site: whole }) => whole !== false).map(({ name }) => name);
  if (names.length > 2 || names.some((name) => !rowOf(config, name))) return [];
  if (!second) return first.alone ? first.metrics : [];
  const [row, key] = first.by === second.name ? [first, second] : [second, first];
  return row.by === key.name ? row.metrics.filter((name) => key.metrics.includes(name) || name === row.basis) : [];
}

/** The metrics that may be asked for under these filters. */
export const metricsUnder = (config, filters) =>
  metricsOf(namesOf(filters), config).filter((name) => name !== "amount" || currencyOf(config, filters));

/** The filters without those that need another, which is not there. */
export const possible = (filters, config) =>
  filters.filter(([, name]) => {
    const row = rowOf(config, name);
    return !row || row.alone || filters.some(([, other]) => other === row.by);
  });

/** The one currency that is filtered by; amounts in several have no sum. */
export function currencyOf(config, filters) {
  const [, , values] = filters.find(([operator, name]) => operator === "is" && rowOf(config, name)?.display === "currency") ?? [];
  return values?.length === 1 ? values[0] : null;
}

/** A row of the metric table; the unit of money is that of a currency: "money EUR". */
export function metricOf(config, name, filters) {
  const metric = config.metrics.find((other) => other.name === name);
  return metric?.unit === "money" ? { ...metric, unit: `money ${currencyOf(config, filters)}` } : metric;
}

/** The dimensions that a view's rows are of, its own first. */
export const together = (view, filters) => [...new Set([view.asks, ...namesOf(view.filtersOf?.(filters) ?? filters)])];

/** The groups of views that have something to show: [{name, views}]. `values` are the totals, by metric. */
export function groupsOf(config, { filters, tabs = [] }, values = {}) {
  const any = ({ name, basis }) => USUAL.includes(basis) || (basis in values ? values[basis] !== 0 : basis === "ignored" || filters.length > 0 || tabs.includes(name));
  return grouped(config, (view) => kept(view, filters, config) && (view.loads || any(view)) && (!view.needs || values[view.needs] || tabs.includes(view.name)));
}

/** Whether a view shows something under these filters: rows that come from elsewhere, or such as are kept. */
export function kept(view, filters, config) {
  if (view.fits && !view.fits(filters)) return false;
  return view.loads || metricsOf(together(view, filters), config).includes(view.rank ?? metricsOf(together(view, filters), config)[0]);
}

/** The groups of the views that `shows` takes. */
export function grouped(config, shows) {
  const groups = new Map();
  for (const view of config.views) {
    if (!shows(view)) continue;
    if (!groups.has(view.group)) groups.set(view.group, []);
    groups.get(view.group).push(view);
  }
  return [...groups].map(([name, views]) => ({ name, views }));
}

/** The view that a group shows. */
export const shownOf = (group, tabs) => group.views.find(({ name }) => tabs.includes(name)) ?? group.views[0];

/** The metric that a dimension's rows are ranked by: its own, or one that is kept with the filtered dimensions too. */
export function basisOf(dimension, filters, config) {
  const able = metricsOf(together(dimension, filters), config);
  return able.includes(dimension.basis) ? dimension.basis : (able[0] ?? dimension.basis);
}

/** The metrics of a panel: its basis, and beside it amounts of money. */
export function shownIn(dimension, filters, config) {
  const amount = dimension.display === "currency" && metricsOf(together(dimension, filters), config).includes("amount");
  return [basisOf(dimension, filters, config), ...(amount ? ["amount"] : []), ...(dimension.also ?? [])];
}

/** The metrics of the headline: five, the fifth being what the answer can fill, and events where there are some. `values` maps a name to its value. */
export function headlineOf(config, filters, values = {}) {
  const known = config.metrics.map(({ name }) => name);
  const first = HEADLINE.filter((name) => known.includes(name));
  const own = namesOf(filters).map((name) => rowOf(config, name)?.basis).find((basis) => basis && !first.includes(basis));
  // No coverage at all means that there is no snippet.
  const measured = FIFTH.find((name) => known.includes(name) && values[name]) ?? (typeof values.misses === "number" ? "misses" : "coverage");
  const fifth = currencyOf(config, filters) ? "amount" : (own ?? measured);
  const sixth = values[SIXTH] && !currencyOf(config, filters) ? [SIXTH] : [];
  return [...new Set([...first, ...[fifth, ...sixth].filter((name) => known.includes(name))])];
}

/** The values of the totals, by metric. */
export const valuesOf = (answer) =>
  answer?.results ? Object.fromEntries(answer.asked.metrics.map((name, index) => [name, answer.results[0]?.metrics[index] ?? null])) : {};

/**
 * The queries for a state: {queries: [{name, query}], groups, interval, intervals, span}. Names: "totals", "series", "live",
 * "panel:<group>" and "whole:…", the totals that a panel's shares are parts of. `values` are the totals that are known.
 */
export function plan(state, config, values) {
  const span = spanOf(state.range, config);
  const { filters } = state;
  const intervals = intervalsOf(span, { ...config, filters });
  const interval = intervals.includes(state.interval) ? state.interval : intervals[0];
  const metrics = metricsUnder(config, filters);
  const asked = [...new Set([...HEADLINE, ...FIFTH, SIXTH, ...headlineOf(config, filters)])].filter((name) => metrics.includes(name));
  const compared = state.comparison === "none" ? {} : { include: { comparison: state.comparison } };
  const found = new Map();

  const bases = config.views.map(({ basis }) => basis).filter((name) => metrics.includes(name));
  const totals = { metrics: [...new Set([...asked, ...bases])], date_range: state.range, dimensions: [], filters, ...compared };
  found.set("totals", totals);
  found.set("series", { metrics: asked, date_range: state.range, dimensions: [`time:${interval}`], filters, ...compared });
  // An hour that has not begun is in no answer: the day before is drawn whole, and this one as far as it goes.
  if (interval === "hour" && state.comparison === "previous_period" && span[0] === span[1] && span[1] === config.today) {
    const day = addDays(span[0], -1);
    found.set("dayBefore", { metrics: asked, date_range: [day, day], dimensions: ["time:hour"], filters });
  }
  found.set("live", { metrics: ["pageviews"], date_range: "30m", dimensions: ["time:minute"], filters: [] });

  const groups = groupsOf(config, state, values);
  for (const group of groups) {
    const view = shownOf(group, state.tabs);
    if (view.loads) continue;
    const shown = shownIn(view, filters, config);
    const [basis] = shown;
    const query = panelQuery(view, state, { order: basis, metrics: shown, limit: limitOf(view) });
    Object.assign(query.include, compared.include);
    found.set(`panel:${group.name}`, query);
    if (view.ordered || !metricsUnder(config, query.filters).includes(basis)) continue;
    const ranges = [state.range, ...monthsAsked(span, query.filters, config)];
    for (const range of ranges) {
      if (range === state.range && query.filters.length === filters.length) continue; // in the totals
      found.set(`whole:${JSON.stringify([basis, range, query.filters])}`, {
        metrics: [basis], date_range: range, dimensions: [], filters: query.filters,
      });
    }
  }
  return { queries: [...found].map(([name, query]) => ({ name, query })), groups, interval, intervals, span };
}

// Ranges are read in their order, and so all of them.
const limitOf = ({ ordered, basis }) => (ordered ? 50 : basis === SIXTH ? SUMMED : ROWS);

// The whole months by which a crossed panel is answered, and a public one.
function monthsAsked(span, filters, { viewer, today }) {
  if (viewer === "public") return completedMonths(span, today);
  return filters.length ? [wholeMonths(span, today)] : [];
}

/** The query of a dimension's panel; the value chosen in it is left out, so that the other values stay in sight. */
export function panelQuery(dimension, state, { limit = ROWS, offset = 0, needle = "", order = dimension.basis, metrics = [dimension.basis] } = {}) {
  const own = dimension.filtersOf?.(state.filters) ?? state.filters;
  const filters = own.filter(([operator, name]) => operator !== "is" || name !== dimension.asks);
  return {
    metrics,
    date_range: state.range,
    dimensions: [dimension.asks],
    filters: needle ? [...filters, ["contains", dimension.asks, [needle]]] : filters,
    order_by: [[order, "desc"]],
    pagination: { limit, offset },
    include: { total_rows: true },
  };
}

/** False where the period before begins before counting did, or its whole months overlap: then a change would say nothing. */
export const comparable = (answer, config) =>
  Boolean(answer?.meta?.range && answer.meta.comparison_range) &&
  answer.meta.comparison_range[0] >= config.first_day &&
  answer.meta.comparison_range[1] < answer.meta.range[0];

/** True where the range is today, which is not over: the whole day before says how it goes only at its end. */
export const begun = ({ meta }, { today }) => meta.range[0] === today;

/** What a panel's rows are parts of, or null where no total of the same days and filters is known. */
export function wholeFor(answer, basis, answers, ordered) {
  if (!answer?.meta) return null;
  // Ranges are all there, and each is one of what was measured.
  const rows = answer.results;
  const sum = rows.reduce((total, row) => total + (row.metrics[0] ?? 0), 0);
  if (ordered) return sum || null;
  if (basis === SIXTH) return answer.meta.total_rows > rows.length ? null : sum || null;
  const filters = JSON.stringify(answer.asked.filters);
  for (const { asked, meta, results } of Object.values(answers)) {
    if (!meta || asked.dimensions.length || asked.date_range === "30m" || JSON.stringify(asked.filters) !== filters) continue;
    const at = asked.metrics.indexOf(basis);
    if (at < 0 || JSON.stringify(meta.range) !== JSON.stringify(answer.meta.range)) continue;
    const value = results[0]?.metrics[at];
    if (value !== null && value !== undefined) return value;
  }
  if (answer.meta.total_rows > rows.length || !rows.length) return null;
  return sum;
}
