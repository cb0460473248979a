// The panels that no query answers: goals, funnels, pages that nobody opened, slow pages, third parties.

import { optional, queries } from "./api.js";
import { h } from "./dom.js";
import { count, span } from "./format.js";
import { words as later } from "./later.js";
import { fraction, reading, showNotes } from "./notes.js";
import { rowList } from "./rows.js";
import { text } from "./text.js";

const MOST = 8;

/** What a view shows: {children, show(host) its notes, calm} or null where it cannot be had. */
export async function load(view, state, config) {
  const made = await LOADS[view.split(":")[1]]?.(state, config);
  return made ? { ...made, show: (host) => showNotes(host, made.notes) } : null;
}

const LOADS = { goals, funnels, dead, slow, parties: async () => (await import("./parties.js")).parties() };

async function asked(state) {
  const comparison = state.comparison === "none" ? {} : { include: { comparison: state.comparison } };
  return optional("api/goals", { date_range: state.range, ...comparison });
}

async function goals(state, config) {
  const found = await asked(state);
  if (!found) return null;
  const rows = found.goals.map(({ name, count: number, conversion }) => ({ name, numbers: [number, conversion] }));
  return { children: table([later.made.goal, later.made.reached, later.made.rate], rows), notes: notesOf(found, config), calm: later.made.noGoals };
}

async function funnels(state, config) {
  const found = await asked(state);
  if (!found) return null;
  const children = found.funnels.flatMap(({ name, steps }) => [
    h("h3", { textContent: name }),
    ...table([later.made.step, later.made.reached, later.made.ofBefore, later.made.ofFirst], steps.map((step) => ({ name: step.name, numbers: [step.count, step.from_before, step.from_first] }))),
  ]);
  return { children, notes: notesOf(found, config), calm: later.made.noGoals };
}

const notesOf = ({ meta }, config) => [
  [later.made.estimate, later.made.estimateWhy],
  ...(meta.whole_months && meta.range ? [[later.note.months(span(meta.range, { bare: true })), later.note.monthsWhy(config)]] : []),
  ...(meta.withheld ? [[later.note.withheld, later.note.withheldWhy(config)]] : []),
];

async function dead(state) {
  const found = await optional("api/dead", { date_range: state.range });
  if (!found) return null;
  const notes = [[later.made.routes(count(found.routes)), later.made.routesWhy], ...(found.meta.unlisted ? [[later.note.unlisted(fraction(found.meta.unlisted)), later.made.unlistedWhy]] : [])];
  return {
    children: found.pages.length ? [h("ol", { className: "dead" }, ...found.pages.map((page) => h("li", {}, h("bdi", { textContent: page }))))] : [],
    notes,
    calm: found.routes ? later.made.allOpened : later.made.noRoutes,
  };
}

// One row for each page, by what three in four answers took at most: worked out from ranges, by whole months.
async function slow(state, config) {
  const query = { metrics: ["pageviews"], date_range: state.range, dimensions: ["path", "served"], filters: [], pagination: { limit: 1, offset: 0 } };
  const { answer } = await queries([{ name: "answer", query }]);
  if (!answer.meta) return null;
  const pages = answer.meta.percentiles.filter(({ p75 }) => p75 !== null).toSorted((one, other) => other.p75 - one.p75 || other.p95 - one.p95).slice(0, MOST);
  const list = rowList();
  const largest = Math.max(0, ...pages.map(({ p75 }) => p75));
  list.show(pages.map(({ dimensions: [page], p75, p95, unit }) => ({ value: page, shown: page, numbers: [{ value: p75, shown: reading(p75, unit) }, { value: p95, shown: reading(p95, unit) }], largest })));
  return {
    children: pages.length ? [head([later.made.page, later.made.most, later.made.nearlyAll]), list.element] : [],
    notes: answer.meta.range ? [[later.note.months(span(answer.meta.range, { bare: true })), later.made.slowWhy]] : [],
    calm: answer.meta.withheld ? text.tooFew(config) : text.nothing,
  };
}

const head = ([first, ...units]) =>
  h("div", { className: "columns" }, h("span", { textContent: first }), h("span", { className: "numbers" }, ...units.map((unit) => h("span", { className: "unit-number", textContent: unit }))));

function table(words, rows) {
  if (!rows.length) return [];
  const list = rowList();
  const largest = Math.max(0, ...rows.map(({ numbers: [number] }) => number ?? 0));
  list.show(rows.map(({ name, numbers }) => ({ value: name, shown: name, withheld: numbers[0] === null, largest, numbers: numbers.map((value, index) => ({ value: value ?? null, unit: index ? "percent" : "count" })) })));
  return [head(words), list.element];
}
