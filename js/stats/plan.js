// Which queries the page needs for what is chosen, all for one request. Pure.

import { completedMonths, intervalsOf, spanOf, wholeMonths } from "./dates.js";

/** The one dimension that every other can be crossed with. */
export const KEY = "path";

/** Rows of a panel. */
export const ROWS = 8;

const HEADLINE = ["visits", "pageviews", "views_per_visit", "bounce_rate"];
const FIFTH = ["coverage", "misses"];

/** The groups of dimensions, in the order of their first appearance: [{name, dimensions}]. */
export function groupsOf(config, filters) {
  const onKey = filters.some(([, name]) => name === KEY);
  const groups = new Map();
  for (const dimension of config.dimensions) {
    if (!dimension.alone && !onKey) continue;
    if (!groups.has(dimension.group)) groups.set(dimension.group, []);
    groups.get(dimension.group).push(dimension);
  }
  return [...groups].map(([name, dimensions]) => ({ name, dimensions }));
}

/** The dimension that a group shows. */
export const shownOf = (group, tabs) =>
  group.dimensions.find(({ name }) => tabs.includes(name)) ?? group.dimensions[0];

/** The metrics that may be asked for under these filters: those that every filtered dimension has. */
export function metricsUnder(config, filters) {
  const filtered = config.dimensions.filter(({ name }) => filters.some((filter) => filter[1] === name));
  return config.metrics.map(({ name }) => name).filter((name) => filtered.every(({ metrics }) => metrics.includes(name)));
}

/** The metric that a dimension's rows are ranked by: its own, or one that the filtered dimensions have too. */
export function basisOf(dimension, filters, config) {
  const possible = metricsUnder(config, filters.filter(([, name]) => name !== dimension.name));
  const shared = dimension.metrics.filter((name) => possible.includes(name));
  return shared.includes(dimension.basis) ? dimension.basis : (shared[0] ?? dimension.basis);
}

/** The five metrics of the headline; the fifth is what the answer can fill. `values` maps a name to its value. */
export function headlineOf(config, filters, values = {}) {
  const known = config.metrics.map(({ name }) => name);
  const first = HEADLINE.filter((name) => known.includes(name));
  const bases = config.dimensions.filter(({ name }) => filters.some((filter) => filter[1] === name)).map(({ basis }) => basis);
  const own = bases.find((basis) => !first.includes(basis));
  // No coverage at all means that there is no snippet.
  const fifth = own ?? (values.coverage || typeof values.misses !== "number" ? "coverage" : "misses");
  return known.includes(fifth) ? [...first, fifth] : first;
}

/**
 * The queries for a state: {queries: [{name, query}], interval, intervals, span}. Names: "totals", "series", "live",
 * "panel:<group>" and "whole:…", the totals that a panel's shares are parts of.
 */
export function plan(state, config) {
  const span = spanOf(state.range, config);
  const { filters } = state;
  const intervals = intervalsOf(span, { ...config, filters, key: KEY });
  const interval = intervals.includes(state.interval) ? state.interval : intervals[0];
  const metrics = metricsUnder(config, filters);
  const asked = [...new Set([...HEADLINE, ...FIFTH, ...headlineOf(config, filters)])].filter((name) => metrics.includes(name));
  const compared = state.comparison === "none" ? {} : { include: { comparison: state.comparison } };
  const found = new Map();

  const bases = config.dimensions.map(({ basis }) => basis).filter((name) => metrics.includes(name));
  const totals = { metrics: [...new Set([...asked, ...bases])], date_range: state.range, dimensions: [], filters, ...compared };
  found.set("totals", totals);
  found.set("series", { metrics: asked, date_range: state.range, dimensions: [`time:${interval}`], filters, ...compared });
  found.set("live", { metrics: ["pageviews"], date_range: "5m", dimensions: [], filters: [] });

  for (const group of groupsOf(config, filters)) {
    const dimension = shownOf(group, state.tabs);
    const basis = basisOf(dimension, state.filters, config);
    const query = panelQuery(dimension, state, { order: basis, metrics: [basis] });
    found.set(`panel:${group.name}`, query);
    if (!metricsUnder(config, query.filters).includes(basis)) continue;
    const ranges = [state.range, ...monthsAsked(span, query.filters, config)];
    for (const range of ranges) {
      if (range === state.range && query.filters.length === filters.length) continue; // in the totals
      found.set(`whole:${JSON.stringify([basis, range, query.filters])}`, {
        metrics: [basis], date_range: range, dimensions: [], filters: query.filters,
      });
    }
  }
  return { queries: [...found].map(([name, query]) => ({ name, query })), interval, intervals, span };
}

// The whole months by which a crossed panel is answered, and a public one.
function monthsAsked(span, filters, { viewer, today }) {
  if (viewer === "public") return completedMonths(span, today);
  return filters.length ? [wholeMonths(span, today)] : [];
}

/** The query of a dimension's panel; the value chosen in it is left out, so that the other values stay in sight. */
export function panelQuery(dimension, state, { limit = ROWS, offset = 0, needle = "", order = dimension.basis, metrics = [dimension.basis] } = {}) {
  const filters = state.filters.filter(([operator, name]) => operator !== "is" || name !== dimension.name);
  return {
    metrics,
    date_range: state.range,
    dimensions: [dimension.name],
    filters: needle ? [...filters, ["contains", dimension.name, [needle]]] : filters,
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

/** What a panel's rows are parts of, or null where no total of the same days and filters is known. */
export function wholeFor(answer, basis, answers) {
  if (!answer?.meta) return null;
  const filters = JSON.stringify(answer.asked.filters);
  for (const { asked, meta, results } of Object.values(answers)) {
    if (!meta || asked.dimensions.length || asked.date_range === "5m" || JSON.stringify(asked.filters) !== filters) continue;
    const at = asked.metrics.indexOf(basis);
    if (at < 0 || JSON.stringify(meta.range) !== JSON.stringify(answer.meta.range)) continue;
    const value = results[0]?.metrics[at];
    if (value !== null && value !== undefined) return value;
  }
  const rows = answer.results;
  if (answer.meta.total_rows > rows.length || !rows.length) return null;
  return rows.reduce((sum, row) => sum + (row.metrics[0] ?? 0), 0);
}
