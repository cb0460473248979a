// The panels: a card for every group of views, a tab for every view of it.

import { h, say } from "./dom.js";
import { count, sentence } from "./format.js";
import { menu } from "./menu.js";
import { ROWS, begun, comparable, metricOf, shownIn, shownOf, wholeFor } from "./plan.js";
import { rowList, rowsOf } from "./rows.js";
import { text } from "./text.js";
import { groupName } from "./views.js";

const TABS = 4;
const LEAST = 4;

/** The panels in `host`: {show(groups, state, config, answers)}; `load` gives the module of views that no query answers. */
export function panels(host, actions) {
  const cards = new Map();

  return {
    show(groups, state, config, answers, now) {
      const elements = groups.map((group) => {
        if (!cards.has(group.name)) cards.set(group.name, card(group.name, actions));
        const view = shownOf(group, state.tabs);
        const answer = answers[`panel:${group.name}`];
        const current = !view.loads && answer?.asked.dimensions[0] === view.asks && sameView(answer, view, state.filters, config) ? answer : null;
        const of = current && !view.also?.length ? wholeFor(current, current.asked.metrics[0], answers, view.ordered) : null;
        cards.get(group.name).show({ state, config, group, view, answer: current, of, now });
        return cards.get(group.name).element;
      });
      if (elements.length !== host.children.length || elements.some((element, index) => host.children[index] !== element)) {
        host.replaceChildren(...elements);
      }
    },
  };
}

const sameView = ({ asked }, view, filters, config) => JSON.stringify(asked.metrics) === JSON.stringify(shownIn(view, filters, config));

function card(name, { choose, pick, openList, load }) {
  let shown = null;
  let tall = { selection: null, rows: ROWS };
  const tabs = h("div", { className: "tabs", role: "group", "aria-label": groupName(name) });
  const more = menu(groupName(name), (view) => choose({ tab: view }));
  const what = h("span");
  const units = h("span", { className: "numbers" });
  const list = rowList((value, several) => pick(shown.view.asks, value, several));
  const special = h("div", { className: "special", hidden: true });
  const calm = h("div", { className: "calm", hidden: true });
  const all = h("button", { type: "button", className: "link", onclick: () => openList(shown.view, shown.answer, shown.of) });
  const notes = h("div", { className: "notes" });
  const part = h("span", { className: "unit-share" });
  const moved = h("span", { className: "unit-moved" });
  const columns = h("div", { className: "columns" }, what, units, part, moved);
  const body = h("div", { className: "body" }, list.element, special, calm);
  const element = h("section", { className: "card panel", "aria-label": groupName(name) },
    h("header", {}, h("h2", { textContent: groupName(name) }), tabs), columns, body, h("footer", {}, all, notes));

  // A view that no query answers: what it shows comes with its own module.
  function fill(next) {
    columns.hidden = all.hidden = true;
    list.show([]);
    special.hidden = false;
    load().then((module) => shown === next && module.fill({ special, calm, notes, all }, next), () => sayCalmly(calm, text.failed));
  }

  return {
    element,
    show(next) {
      const { state, config, group, view, answer, of } = next;
      shown = next;
      showTabs(tabs, more, group, view, (tab) => choose({ tab }));
      element.classList.toggle("waiting", !answer && !view.loads);
      if (view.loads) return fill(next);
      special.hidden = true;
      delete special.dataset.key;
      columns.hidden = false;
      const names = answer?.asked.metrics ?? shownIn(view, state.filters, config);
      const metrics = names.map((name) => metricOf(config, name, state.filters));
      // The tab says what the rows are; where there is no tab, this does, unless the title has.
      const first = metrics[0];
      say(what, group.views.length > 1 || view.label === groupName(name) ? "" : view.label);
      what.title = view.told ?? "";
      units.replaceChildren(...metrics.map(({ label, about }) => h("span", { className: "unit-number", textContent: label, title: about })));
      const compared = Boolean(answer && comparable(answer, config) && metrics.length === 1 && !begun(answer, config));
      part.hidden = metrics.length > 1;
      say(part, of ? text.share : "");
      part.title = of ? text.shareOf(count(of), first.label.toLowerCase()) : "";
      moved.hidden = !compared;
      say(moved, text.change);
      moved.title = text.changeWhy;
      const made = answer?.results ? rowsOf(answer, { metrics, of: metrics.length > 1 ? undefined : of, config, filters: view.filtersOf ? [] : state.filters, name: view.asks, changes: compared }) : [];
      const rows = view.ordered ? made : made.slice(0, ROWS);
      list.show(rows);
      // As tall as the tallest tab seen of this selection, so that going back and forth moves nothing below.
      const selection = JSON.stringify([state.range, state.filters]);
      if (answer && selection !== tall.selection) tall = { selection, rows: LEAST };
      tall.rows = Math.max(tall.rows, rows.length);
      body.style.setProperty("--rows", tall.rows);
      columns.classList.toggle("unseen", Boolean(answer) && !rows.length);
      sayCalmly(calm, rows.length || !answer ? null : answer.error ? sentence(answer.error) : answer.meta.withheld ? (answer.meta.range ? text.tooFew(config) : text.noMonth) : text.nothing);
      const total = answer?.meta?.total_rows ?? rows.length;
      all.hidden = !rows.length;
      say(all, total > rows.length ? `${text.all} ${count(total)}` : text.details);
      all.setAttribute("aria-label", `${all.textContent}: ${view.label}`);
      import("./notes.js").then((module) => shown === next && module.showNotes(notes, answer?.results ? module.notesOf(answer, config) : []), () => {});
    },
  };
}

function sayCalmly(calm, words) {
  calm.hidden = words === null;
  if (words !== null) calm.replaceChildren(h("p", { textContent: words }));
}

// What does not fit beside the title goes into a menu; the chosen one is always seen.
function showTabs(host, more, group, chosen, choose) {
  const key = JSON.stringify([group.views.map(({ name }) => name), chosen.name]);
  if (host.dataset.key === key) return;
  const held = host.contains(document.activeElement) && !more.element.contains(document.activeElement);
  host.dataset.key = key;
  if (group.views.length < 2) return host.replaceChildren();
  const fits = group.views.length <= TABS;
  const beside = fits ? group.views : group.views.slice(0, TABS - 1);
  const rest = fits ? [] : group.views.slice(TABS - 1);
  const tab = (view) =>
    h("button", { type: "button", className: "tab", textContent: view.tab, title: [view.label, view.told].filter(Boolean).join("\n"), "aria-pressed": String(view === chosen), onclick: () => choose(view.name) });
  host.replaceChildren(...beside.map(tab));
  if (rest.length) {
    const inside = rest.find((view) => view === chosen);
    more.show(inside?.tab ?? text.more, rest.map(({ name, tab: words }) => [name, words]), chosen.name);
    more.element.classList.toggle("chosen", Boolean(inside));
    host.append(more.element);
  }
  if (held) host.querySelector("[aria-pressed=true]")?.focus();
}
