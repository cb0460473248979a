// All of a view that no query answers, in a dialog: searched, sorted, paged, taken away as CSV.

import { open } from "./dialog.js";
import { h, say } from "./dom.js";
import { saveTables } from "./export.js";
import { count } from "./format.js";
import { words as later } from "./later.js";
import { showNotes } from "./notes.js";
import { drawn, tables } from "./special.js";
import { text } from "./text.js";

const PAGE = 50;

/** Opens it. */
export async function openWhole({ view, state, config, planned }) {
  const words = later.dialog;
  let found = [];
  let order = null; // [which number, 1 or -1]; null is the order in which the rows came
  let offset = 0;
  const again = (change) => () => { change?.(); draw(); };
  const search = h("input", { type: "search", placeholder: words.search, "aria-label": words.searchIn(view.label), oninput: again(() => { offset = 0; }) });
  const scroll = h("div", { className: "scroll special" });
  const calm = h("p", { className: "calm", hidden: true });
  const shown = h("span", { className: "shown", role: "status" });
  const button = (label, onclick) => h("button", { type: "button", className: "control", textContent: label, onclick });
  const before = button(words.before, again(() => { offset -= PAGE; }));
  const after = button(words.after, again(() => { offset += PAGE; }));
  const save = button(words.csv, () => saveTables(config.site, view, planned.span, found));
  const notes = h("div", { className: "notes" });
  const box = open("list", view.label, h("div", { className: "find" }, search), scroll, calm, h("footer", {}, shown, before, after, save, notes));

  function draw() {
    const needle = search.value.trim().toLowerCase();
    const one = found.length === 1;
    const kept = found.map((table) => ({ ...table, rows: sorted(table.rows.filter(({ name }) => name.toLowerCase().includes(needle)), table) }));
    const total = kept.reduce((sum, table) => sum + table.rows.length, 0);
    scroll.replaceChildren(...kept.flatMap((table) => drawn(one ? { ...table, rows: table.rows.slice(offset, offset + PAGE) } : table, table.ordered ? undefined : (unit, index) => column(unit, index))));
    scroll.scrollTop = 0;
    calm.hidden = total > 0;
    say(calm, words.noMatch(search.value.trim()));
    before.hidden = after.hidden = !one || total <= PAGE;
    before.disabled = offset === 0;
    after.disabled = offset + PAGE >= total;
    say(shown, total ? words.shown(count(one ? offset + 1 : 1), count(one ? Math.min(offset + PAGE, total) : total), count(total)) : "");
  }

  const sorted = (rows, { ordered }) => (order && !ordered ? rows.toSorted((first, second) => order[1] * ((first.numbers[order[0]]?.value ?? -1) - (second.numbers[order[0]]?.value ?? -1))) : rows);

  function column(unit, index) {
    const [chosen, sign] = order ?? [0, -1];
    const kind = chosen === index ? (sign < 0 ? "desc" : "asc") : "";
    return h("button", { type: "button", className: `unit-number ${kind}`, textContent: unit, "aria-label": words.sort(unit), "aria-pressed": String(Boolean(kind)), onclick: again(() => { order = [index, kind === "desc" ? 1 : -1]; offset = 0; }) });
  }

  search.focus();
  const made = await tables(view, state, config).catch(() => null);
  if (!made) return scroll.replaceChildren(h("p", { className: "calm", textContent: text.failed }));
  found = made.tables;
  showNotes(notes, made.notes);
  draw();
}
