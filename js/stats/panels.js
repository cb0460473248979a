// The panels: a card for every group of dimensions, a tab for every dimension of it.

import { h, say } from "./dom.js";
import { count } from "./format.js";
import { menu } from "./menu.js";
import { notesOf, showNotes } from "./notes.js";
import { ROWS, metricOf, shownIn, shownOf, wholeFor } from "./plan.js";
import { rowList, rowsOf } from "./rows.js";
import { text } from "./text.js";

const TABS = 4;
const LEAST = 4;

/** The panels in `host`: {show(groups, state, config, answers)}. */
export function panels(host, { choose, pick, openList }) {
  const cards = new Map();

  return {
    show(groups, state, config, answers) {
      const elements = groups.map((group) => {
        if (!cards.has(group.name)) cards.set(group.name, card(group.name, { choose, pick, openList }));
        const dimension = shownOf(group, state.tabs);
        const answer = answers[`panel:${group.name}`];
        const current = answer?.asked.dimensions[0] === dimension.name ? answer : null;
        cards.get(group.name).show({ state, config, group, dimension, answer: current, of: current && wholeFor(current, current.asked.metrics[0], answers, dimension.ordered) });
        return cards.get(group.name).element;
      });
      if (elements.length !== host.children.length || elements.some((element, index) => host.children[index] !== element)) {
        host.replaceChildren(...elements);
      }
    },
  };
}

function card(name, { choose, pick, openList }) {
  let shown = null;
  let tall = { selection: null, rows: ROWS };
  const tabs = h("div", { className: "tabs", role: "group", "aria-label": name });
  const more = menu(name, (dimension) => choose({ tab: dimension }));
  const what = h("span");
  const units = h("span", { className: "numbers" });
  const list = rowList((value) => pick(shown.dimension.name, value));
  const calm = h("div", { className: "calm", hidden: true });
  const all = h("button", { type: "button", className: "link", onclick: () => openList(shown.dimension) });
  const notes = h("div", { className: "notes" });
  const part = h("span", { className: "unit-share" });
  const columns = h("div", { className: "columns" }, what, units, part);
  const body = h("div", { className: "body" }, list.element, calm);
  const element = h("section", { className: "card panel" },
    h("header", {}, h("h2", { textContent: name }), tabs), columns, body, h("footer", {}, all, notes));
  element.setAttribute("aria-label", name);

  return {
    element,
    show(next) {
      shown = next;
      const { state, config, group, dimension, answer, of } = next;
      showTabs(tabs, more, group, dimension, (tab) => choose({ tab }));
      const names = answer?.asked.metrics ?? shownIn(dimension, state.filters, config);
      const metrics = names.map((name) => metricOf(config, name, state.filters));
      say(what, dimension.label);
      what.title = dimension.told ?? "";
      units.replaceChildren(...metrics.map(({ label }) => h("span", { className: "unit-number", textContent: label })));
      say(part, of === null ? "" : text.share);
      element.classList.toggle("waiting", !answer);
      const rows = answer?.results ? rowsOf(answer, { metrics, of, config, filters: state.filters, name: dimension.name }) : [];
      list.show(rows);
      // As tall as the tallest tab seen of this selection, so that going back and forth moves nothing below.
      const selection = JSON.stringify([state.range, state.filters]);
      if (answer && selection !== tall.selection) tall = { selection, rows: LEAST };
      tall.rows = Math.max(tall.rows, rows.length);
      body.style.setProperty("--rows", tall.rows);
      columns.classList.toggle("unseen", Boolean(answer) && !rows.length);
      sayCalmly(calm, answer);
      const total = answer?.meta?.total_rows ?? rows.length;
      all.hidden = !rows.length;
      say(all, total > rows.length ? `${text.all} ${count(total)}` : text.details);
      all.setAttribute("aria-label", `${all.textContent}: ${dimension.label}`);
      showNotes(notes, answer?.results ? notesOf(answer, config) : []);
    },
  };
}

function sayCalmly(calm, answer) {
  calm.hidden = !answer || answer.results?.length > 0;
  if (calm.hidden) return;
  calm.replaceChildren(h("p", { textContent: answer.error ? text.error.says(answer.error) : text.nothing }));
  calm.classList.toggle("told", Boolean(answer.error));
}

// What does not fit beside the title goes into a menu; the chosen one is always seen.
function showTabs(host, more, group, chosen, choose) {
  const key = JSON.stringify([group.dimensions.map(({ name }) => name), chosen.name]);
  if (host.dataset.key === key) return;
  const held = host.contains(document.activeElement) && !more.element.contains(document.activeElement);
  host.dataset.key = key;
  if (group.dimensions.length < 2) return host.replaceChildren();
  const fits = group.dimensions.length <= TABS;
  const beside = fits ? group.dimensions : group.dimensions.slice(0, TABS - 1);
  const rest = fits ? [] : group.dimensions.slice(TABS - 1);
  const tab = (dimension) =>
    h("button", { type: "button", className: "tab", textContent: /\(([A-Z]+)\)$/.exec(dimension.label)?.[1] ?? dimension.label, title: `${dimension.label}\n${dimension.told ?? ""}`, "aria-pressed": String(dimension === chosen), onclick: () => choose(dimension.name) });
  host.replaceChildren(...beside.map(tab));
  if (rest.length) {
    const inside = rest.find((dimension) => dimension === chosen);
    more.show(inside?.label ?? text.more, rest.map(({ name, label }) => [name, label]), chosen.name);
    more.element.classList.toggle("chosen", Boolean(inside));
    host.append(more.element);
  }
  if (held) host.querySelector("[aria-pressed=true]")?.focus();
}
