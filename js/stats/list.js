// The whole list of a view in a dialog: every metric it has, search, sorting, page after page, CSV.

import { queries } from "./api.js";
import { open } from "./dialog.js";
import { h, say } from "./dom.js";
import { allRows, listed, saveRows } from "./export.js";
import { count, span } from "./format.js";
import { words as later } from "./later.js";
import { notesOf, showNotes } from "./notes.js";
import { begun, comparable, metricOf, panelQuery } from "./plan.js";
import { rowList, rowsOf } from "./rows.js";
import { text } from "./text.js";

const PAGE = 50;
const COLUMNS = 4;

/** Opens the list of a view; `of` is what its rows are parts of, `answer` that of its panel. */
export function openList({ view, state, config, of, answer }, { choose, pick }) {
  const words = later.dialog;
  const every = listed(view, state.filters, config).map((name) => metricOf(config, name, state.filters));
  const compared = state.comparison === "none" ? {} : { comparison: state.comparison };
  let order = [every[0].name, "desc"];
  let offset = 0;
  let turn = 0;
  let found = null;

  const search = h("input", { type: "search", placeholder: words.search, "aria-label": words.searchIn(view.label), autocomplete: "off", oninput: () => soon() });
  const use = h("button", { type: "button", className: "link", hidden: true, onclick: filterByNeedle });
  const days = h("p", { className: "days" });
  const head = h("div", { className: "columns" });
  const list = rowList((value, several) => { box.close(); pick(view.asks, value, several); });
  const calm = h("p", { className: "calm", hidden: true });
  const scroll = h("div", { className: "scroll", tabIndex: -1 }, head, list.element, calm);
  const shown = h("span", { className: "shown", role: "status" });
  const step = (direction, label) => h("button", { type: "button", className: "control", textContent: label, onclick: () => { offset += direction * PAGE; ask(); } });
  const [before, after] = [step(-1, words.before), step(1, words.after)];
  const csv = h("button", { type: "button", className: "control", textContent: words.csv, onclick: save });
  const notes = h("div", { className: "notes" });
  const box = open("list", view.label, days, h("div", { className: "find" }, search, use), scroll, h("footer", {}, before, shown, after, csv, notes));

  const query = (limit, from) => {
    const asked = panelQuery(view, state, { limit, offset: from, needle: search.value.trim(), order: order[0], metrics: every.map(({ name }) => name) });
    asked.order_by = [order];
    Object.assign(asked.include, compared);
    return asked;
  };

  let timer;
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => { offset = 0; ask(); }, 250);
  }

  function filterByNeedle() {
    const filter = ["contains", view.asks, [search.value.trim()]];
    box.close();
    choose({ filters: [...state.filters.filter(([, other]) => other !== view.asks), filter] });
  }

  async function save() {
    const all = await allRows(query(PAGE, 0)).catch(() => null);
    if (all?.results) saveRows(config.site, view, all, every);
    else say(shown, words.failed);
  }

  async function ask() {
    const mine = ++turn;
    box.element.setAttribute("aria-busy", "true");
    let next;
    try {
      ({ answer: next } = await queries([{ name: "answer", query: query(PAGE, offset) }]));
    } catch {
      next = { error: words.tooLong };
    }
    if (mine !== turn) return;
    box.element.removeAttribute("aria-busy");
    found = next;
    draw();
    scroll.scrollTop = 0;
  }

  function draw() {
    const results = found.results ?? [];
    // A metric that is nowhere to be had takes no column.
    const kept = every.map((_, index) => index).filter((index) => index === 0 || results.some((row) => row.metrics[index] !== null)).slice(0, COLUMNS);
    const metrics = kept.map((index) => every[index]);
    const at = (row) => row && { ...row, metrics: kept.map((index) => row.metrics[index]) };
    const trimmed = { ...found, results: results.map((row) => ({ ...at(row), comparison: at(row.comparison) })) };
    const moves = Boolean(found.meta && comparable(found, config) && !begun(found, config));
    const part = order[0] === every[0].name && of ? of : undefined;
    head.replaceChildren(h("span", { textContent: later.one[view.asks] ?? view.label }), h("span", { className: "numbers" }, ...metrics.map(column)),
      part === undefined ? "" : h("span", { className: "unit-share", textContent: text.share, title: text.shareOf(count(of), every[0].label.toLowerCase()) }),
      moves ? h("span", { className: "unit-moved", textContent: text.change, title: text.changeWhy }) : "");
    list.show(rowsOf(trimmed, { metrics, of: part, config, filters: view.filtersOf ? [] : state.filters, name: view.asks, changes: moves }));
    const needle = search.value.trim();
    calm.hidden = results.length > 0;
    say(calm, found.error ?? (needle ? words.noMatch(needle) : found.meta.withheld ? text.tooFew(config) : text.nothing));
    head.hidden = !results.length;
    use.hidden = !needle || !results.length;
    say(use, words.filterBy(needle));
    const total = found.meta?.total_rows ?? results.length;
    before.hidden = after.hidden = total <= PAGE;
    before.disabled = offset === 0;
    after.disabled = offset + PAGE >= total;
    say(shown, results.length ? words.shown(count(offset + 1), count(offset + results.length), count(total)) : "");
    if (found.meta?.range) say(days, span(found.meta.range));
    showNotes(notes, found.meta ? notesOf(found, config) : []);
  }

  // A second click turns the order around.
  function column(metric) {
    const [name, direction] = order;
    const chosen = metric.name === name;
    const onclick = () => { order = [metric.name, chosen && direction === "desc" ? "asc" : "desc"]; offset = 0; ask(); };
    return h("button", { type: "button", className: `unit-number ${chosen ? direction : ""}`, textContent: metric.label, title: metric.about, "aria-label": words.sort(metric.label), "aria-pressed": String(chosen), onclick });
  }

  if (answer?.meta?.range) say(days, span(answer.meta.range));
  search.focus();
  ask();
  return box;
}
