// The views that no query answers: goals, funnels, pages that nobody opened, slow pages, third parties. Each is a table or several.

import { optional, queries } from "./api.js";
import { h } from "./dom.js";
import { change, count, signed, span } from "./format.js";
import { words as later } from "./later.js";
import { fraction, reading, showNotes } from "./notes.js";
import { begun, comparable } from "./plan.js";
import { rowList } from "./rows.js";
import { text } from "./text.js";

const MOST = 8;
const LOADS = { goals, funnels, dead, slow, parties: async () => (await import("./parties.js")).parties() };

/**
 * What a view has: {tables: [{title, head, keys, rows: [{name, numbers: [{value, unit, shown}], moved}]}], notes, calm}, or null where it
 * cannot be had. `head` are the words above the columns, `keys` what their numbers are called in files; `children` is what its card
 * shows in place of the tables.
 */
export const tables = async (view, state, config) => (await LOADS[view.name.split(":")[1]]?.(state, config)) ?? null;

/** Fills the parts of a card: {special, calm, notes, all}. */
export async function fill({ special, calm, notes, all }, { view, state, config, now }) {
  const key = JSON.stringify([view.name, state.range, state.comparison, now]);
  const offer = () => {
    all.hidden = !all.dataset.whole;
    all.textContent = all.dataset.whole;
  };
  if (special.dataset.key === key) return offer();
  special.dataset.key = key;
  calm.hidden = true;
  const made = await tables(view, state, config).catch(() => null);
  if (special.dataset.key !== key) return;
  if (!made) delete special.dataset.key;
  const rows = made?.tables.reduce((sum, table) => sum + table.rows.length, 0) ?? 0;
  // The same again is not drawn again, so that what is open stays open.
  const news = JSON.stringify([view.name, made?.tables, made?.notes]);
  if (special.dataset.news !== news) special.replaceChildren(...(made?.children ?? (made?.tables ?? []).flatMap((table) => drawn({ ...table, rows: table.rows.slice(0, MOST) }))));
  special.dataset.news = news;
  showNotes(notes, made?.notes ?? []);
  all.dataset.whole = rows ? (rows > MOST && !made.children && made.tables.length === 1 ? `${text.all} ${count(rows)}` : text.details) : "";
  all.setAttribute("aria-label", `${all.dataset.whole}: ${view.label}`);
  offer();
  calm.hidden = rows > 0;
  calm.replaceChildren(h("p", { textContent: made ? made.calm : text.failed }));
}

/** A table as elements; `column` makes the head of each of its numbers. */
export function drawn({ title, head: [first, ...units], rows }, column = (unit) => h("span", { className: "unit-number", textContent: unit })) {
  if (!rows.length) return [];
  const above = title ? [h("h3", {}, h("bdi", { textContent: title }))] : [];
  if (!units.length) return [...above, h("ol", { className: "dead" }, ...rows.map(({ name }) => h("li", {}, h("bdi", { textContent: name }))))];
  const list = rowList();
  const largest = Math.max(0, ...rows.map(({ numbers: [number] }) => number.value ?? 0));
  const moves = rows.some(({ moved }) => moved !== undefined);
  list.show(rows.map((row) => ({ ...row, value: row.name, shown: row.name, withheld: row.numbers[0].value === null, largest })));
  return [...above, h("div", { className: "columns" }, h("span", { textContent: first }), h("span", { className: "numbers" }, ...units.map(column)),
    moves ? h("span", { className: "unit-moved", textContent: text.change, title: text.changeWhy }) : ""), list.element];
}

async function asked(state) {
  const comparison = state.comparison === "none" ? {} : { include: { comparison: state.comparison } };
  return optional("api/goals", { date_range: state.range, ...comparison });
}

const counted = (number) => ({ value: number ?? null, unit: "count" });
const percent = (number) => ({ value: number ?? null, unit: "percent" });

async function goals(state, config) {
  const found = await asked(state);
  if (!found) return null;
  const compared = comparable(found, config) && !begun(found, config);
  const moved = (now, before) => (now && before === 0 ? text.isNew : signedOf(change(now, before, "count")));
  const rows = found.goals.map(({ name, count: number, conversion, comparison }) => ({ name, numbers: [counted(number), percent(conversion)], ...(compared ? { moved: moved(number, comparison?.count) } : {}) }));
  return { tables: [{ head: [later.made.goal, later.made.reached, later.made.rate], keys: ["count", "conversion"], rows }], notes: notesOf(found, config), calm: later.made.noGoals };
}

const signedOf = (moved) => (moved ? signed(moved, text.points) : "");

async function funnels(state, config) {
  const found = await asked(state);
  if (!found) return null;
  const rows = (steps) => steps.map((step) => ({ name: step.name, numbers: [counted(step.count), percent(step.from_before), percent(step.from_first)] }));
  return {
    tables: found.funnels.map(({ name, steps }) => ({ title: name, ordered: true, head: [later.made.step, later.made.reached, later.made.ofBefore, later.made.ofFirst], keys: ["count", "from_before", "from_first"], rows: rows(steps) })),
    notes: notesOf(found, config), calm: later.made.noGoals,
  };
}

const notesOf = ({ meta }, config) => [
  [later.made.estimate, later.made.estimateWhy],
  ...(meta.whole_months && meta.range ? [[later.note.months(span(meta.range, { bare: true })), later.note.monthsWhy(config)]] : []),
  ...(meta.withheld ? [[later.note.withheld, later.note.withheldWhy(config)]] : []),
];

async function dead(state) {
  const found = await optional("api/dead", { date_range: state.range });
  if (!found) return null;
  return {
    tables: [{ head: [later.made.page], keys: [], rows: found.pages.map((name) => ({ name, numbers: [] })) }],
    notes: [[later.made.routes(count(found.routes)), later.made.routesWhy], ...(found.meta.unlisted ? [[later.note.unlisted(fraction(found.meta.unlisted)), later.made.unlistedWhy]] : [])],
    calm: found.routes ? later.made.allOpened : later.made.noRoutes,
  };
}

// One row for each page, by what three in four answers took at most: worked out from ranges, by whole months.
async function slow(state, config) {
  const query = { metrics: ["pageviews"], date_range: state.range, dimensions: ["path", "served"], filters: [], pagination: { limit: 1, offset: 0 } };
  const { answer } = await queries([{ name: "answer", query }]);
  if (!answer.meta) return null;
  const pages = answer.meta.percentiles.filter(({ p75 }) => p75 !== null).toSorted((one, other) => other.p75 - one.p75 || other.p95 - one.p95);
  const measured = (value, unit) => ({ value, unit: "count", shown: reading(value, unit) });
  return {
    tables: [{ head: [later.made.page, later.made.most, later.made.nearlyAll], keys: ["p75_ms", "p95_ms"], rows: pages.map(({ dimensions: [name], p75, p95, unit }) => ({ name, numbers: [measured(p75, unit), measured(p95, unit)] })) }],
    notes: answer.meta.range ? [[later.note.months(span(answer.meta.range, { bare: true })), later.made.slowWhy]] : [],
    calm: answer.meta.withheld ? text.tooFew(config) : text.nothing,
  };
}
