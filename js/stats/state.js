// What is chosen on the page, as the fragment of its URL and back: nothing is stored in the browser. Pure.

import { RANGES, isDate } from "./dates.js";

const OPERATORS = ["is", "is_not", "contains", "contains_not"];
const COMPARISONS = ["previous_period", "previous_year", "none"];
// Of an address: no more would be answered.
const MOST_VALUES = 100;
const MOST_FILTERS = 10;
const INTERVALS = ["hour", "day", "week", "month"];

/** What the page shows when nothing has been chosen. */
export const initial = Object.freeze({
  range: "30d",
  comparison: "previous_period",
  interval: null,
  metric: "pageviews",
  filters: [],
  tabs: [],
  lang: null,
  look: null,
  link: null,
});

/** The state that a fragment names; whatever is malformed in it is left at its default. */
export function fromFragment(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const pick = (name, allowed, fallback) => (allowed.includes(fields.get(name)) ? fields.get(name) : fallback);
  return {
    range: rangeFrom(fields.get("range")),
    comparison: datesFrom(fields.get("compare")) ?? pick("compare", COMPARISONS, initial.comparison),
    interval: pick("by", INTERVALS, initial.interval),
    metric: /^\w+$/.test(fields.get("metric") ?? "") ? fields.get("metric") : initial.metric,
    filters: fields.getAll("filter").slice(0, MOST_FILTERS).map(filterFrom).filter(Boolean),
    tabs: fields.getAll("tab").filter(Boolean),
    lang: /^[a-z]{2}$/.exec(fields.get("lang") ?? "")?.[0] ?? null,
    look: pick("look", ["light", "dark"], null),
    // The key of a link that was shared: a fragment is never sent to a server, so it is in no log.
    link: /^[\w-]{20,64}$/.exec(fields.get("link") ?? "")?.[0] ?? null,
  };
}

/** The fragment of a state, without what is at its default: "#range=7d&filter=is:path:/a". */
export function toFragment(state) {
  const fields = [];
  const add = (name, value) => fields.push(`${name}=${escape(value)}`);
  const dates = (value) => (Array.isArray(value) ? value.join("~") : value);
  if (state.link) add("link", state.link);
  if (state.lang) add("lang", state.lang);
  if (state.look) add("look", state.look);
  if (state.range !== initial.range) add("range", dates(state.range));
  if (state.comparison !== initial.comparison) add("compare", dates(state.comparison));
  if (state.interval) add("by", state.interval);
  if (state.metric !== initial.metric) add("metric", state.metric);
  for (const [operator, name, values] of state.filters) {
    add("filter", `${operator}:${name}:${values.map(quote).join("|")}`);
  }
  for (const name of state.tabs) add("tab", name);
  return fields.length ? `#${fields.join("&")}` : "#";
}

/**
 * The filters with this one set; the same again takes it away, another of the same dimension is replaced.
 * With `several`, its value comes to those of the same dimension and operator, or goes from them.
 */
export function toggleFilter(filters, filter, several = false) {
  const [operator, name, [value]] = filter;
  const rest = filters.filter(([, other]) => other !== name);
  const old = filters.find(([other, dimension]) => dimension === name && other === operator);
  if (several && old) {
    const values = old[2].includes(value) ? old[2].filter((other) => other !== value) : [...old[2], value];
    return values.length ? filters.map((other) => (other === old ? [operator, name, values] : other)) : filters.filter((other) => other !== old);
  }
  const same = filters.some((other) => JSON.stringify(other) === JSON.stringify(filter));
  return same ? rest : [...rest, filter];
}

function rangeFrom(text) {
  return RANGES.includes(text) ? text : (datesFrom(text) ?? initial.range);
}

function datesFrom(text) {
  const dates = (text ?? "").split("~");
  return dates.length === 2 && dates.every(isDate) && dates[0] <= dates[1] ? dates : null;
}

function filterFrom(text) {
  const [operator, rest] = split(text, ":") ?? [];
  const [name, values] = split(rest ?? "", ":") ?? [];
  if (!OPERATORS.includes(operator) || !name) return null;
  const found = (values.match(/(?:\\.|[^\\|])+/g) ?? [""]).map((value) => value.replace(/\\(.)/g, "$1"));
  return [operator, name, [...new Set(found)].slice(0, MOST_VALUES)];
}

// Several values are divided by "|", so that one inside a value is quoted.
const quote = (value) => value.replace(/[\\|]/g, "\\$&");

function split(text, separator) {
  const at = text.indexOf(separator);
  return at < 1 ? null : [text.slice(0, at), text.slice(at + 1)];
}

// Readable where URLs allow it: a path stays a path.
const escape = (value) =>
  encodeURIComponent(value).replace(/%(2F|3A|2C|7E|40)/g, (code) => decodeURIComponent(code));
