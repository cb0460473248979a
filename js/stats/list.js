// The whole list of a dimension in a dialog: every metric it has, search, and page after page.

import { queries } from "./api.js";
import { h, say } from "./dom.js";
import { count, span } from "./format.js";
import { notesOf, showNotes } from "./notes.js";
import { listed, metricOf, panelQuery } from "./plan.js";
import { rowList, rowsOf } from "./rows.js";
import { text } from "./text.js";

const PAGE = 50;
const COLUMNS = 4;

/** The dialog: {open(dimension, state, config, of, answer), close()}. */
export function listDialog(dialog, { choose, pick }) {
  let view = null;
  let turn = 0;
  const title = h("h2", { id: "list-title" });
  const days = h("p", { className: "days" });
  const search = h("input", { type: "search", placeholder: text.search, autocomplete: "off", oninput: () => later() });
  const use = h("button", { type: "button", className: "link", hidden: true, onclick: filterByNeedle });
  const head = h("div", { className: "columns" });
  const list = rowList((value) => { dialog.close(); pick(view.dimension.name, value); });
  const calm = h("p", { className: "calm", hidden: true });
  const body = h("div", { className: "scroll" }, head, list.element, calm);
  const shown = h("span", { className: "shown", role: "status" });
  const more = h("button", { type: "button", className: "control", textContent: text.showMore, onclick: () => load(view.answer.results.length) });
  const notes = h("div", { className: "notes" });
  const close = h("button", { type: "button", className: "control step close", "aria-label": text.close, title: text.close, onclick: () => dialog.close() });
  dialog.setAttribute("aria-labelledby", "list-title");
  dialog.replaceChildren(
    h("header", {}, h("div", {}, title, days), close),
    h("div", { className: "find" }, search, use),
    body,
    h("footer", {}, more, shown, notes));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  let timer;
  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => load(0), 250);
  }

  function filterByNeedle() {
    const { name } = view.dimension;
    const filter = ["contains", name, [search.value.trim()]];
    dialog.close();
    choose({ filters: [...view.state.filters.filter(([, other]) => other !== name), filter] });
  }

  async function load(offset) {
    const mine = ++turn;
    const needle = search.value.trim();
    const names = view.metrics.map(({ name }) => name);
    const query = panelQuery(view.dimension, view.state, { limit: PAGE, offset, needle, order: view.order, metrics: names });
    dialog.setAttribute("aria-busy", "true");
    let answer;
    try {
      ({ answer } = await queries([{ name: "answer", query }]));
    } catch {
      answer = { error: text.tooLong };
    }
    if (mine !== turn) return;
    dialog.removeAttribute("aria-busy");
    if (offset && answer.results) answer.results = [...view.answer.results, ...answer.results];
    view.answer = answer;
    show(needle);
    if (!offset) body.scrollTop = 0;
  }

  function show(needle) {
    const { answer, config, state, dimension } = view;
    const results = answer.results ?? [];
    // A metric that is nowhere to be had takes no column.
    const kept = view.metrics.map((_, index) => index).filter((index) => index === 0 || results.some((row) => row.metrics[index] !== null)).slice(0, COLUMNS);
    const metrics = kept.map((index) => view.metrics[index]);
    const trimmed = { ...answer, results: results.map((row) => ({ ...row, metrics: kept.map((index) => row.metrics[index]) })) };
    dialog.style.setProperty("--columns", metrics.length);
    head.replaceChildren(h("span", { textContent: dimension.label }), ...metrics.map((metric) =>
      h("button", {
        type: "button", className: "unit-number", textContent: metric.label, title: metric.about,
        "aria-label": text.sort(metric.label), "aria-pressed": String(metric.name === view.order),
        onclick: () => { view.order = metric.name; load(0); },
      })), h("span", { className: "unit-share", textContent: view.of ? text.share : "" }));
    list.show(answer.results ? rowsOf(trimmed, { metrics, of: view.of, config, filters: state.filters, name: dimension.name }) : []);
    calm.hidden = results.length > 0;
    say(calm, answer.error ?? (needle ? text.noMatch(needle) : text.nothing));
    head.hidden = !results.length;
    use.hidden = !needle || !results.length;
    say(use, text.filterBy(needle));
    const total = answer.meta?.total_rows ?? results.length;
    more.hidden = results.length >= total || !results.length;
    say(shown, results.length ? text.shown(count(results.length), count(total)) : "");
    if (answer.meta?.range) say(days, span(answer.meta.range));
    showNotes(notes, answer.meta ? notesOf(answer, config) : []);
  }

  return {
    /** `of` is what the rows are parts of, `answer` what the panel shows until the list has come. */
    open(dimension, state, config, of, answer) {
      const names = listed(dimension, state.filters, config);
      const metrics = names.map((name) => metricOf(config, name, state.filters));
      view = { dimension, state, config, metrics, of, order: names[0], answer: null };
      title.textContent = dimension.label;
      days.textContent = answer?.meta?.range ? span(answer.meta.range) : "";
      search.value = "";
      search.setAttribute("aria-label", text.searchIn(dimension.label));
      list.show([]);
      head.replaceChildren();
      for (const element of [calm, more, use]) element.hidden = true;
      shown.textContent = "";
      dialog.showModal();
      load(0);
    },
    close: () => dialog.close(),
  };
}
