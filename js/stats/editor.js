// The editor of a filter: what, how, and the values, typed or chosen from the names of the range.

import { queries } from "./api.js";
import { field, open } from "./dialog.js";
import { h } from "./dom.js";
import { count, named } from "./format.js";
import { words as later } from "./later.js";
import { metricsOf, panelQuery } from "./plan.js";

const OPERATORS = ["is", "is_not", "contains", "contains_not"];
const NAMES = 30;

/** Opens the editor on a filter, or on a new one where it is null; `choose` takes the change. */
export function editFilter(filter, { state, config, choose }) {
  const words = later.edit;
  const others = state.filters.filter((other) => other !== filter);
  // What the store keeps together with the other filters.
  const able = config.dimensions.filter((row) => metricsOf([...new Set([row.name, ...others.map(([, name]) => name)])], config).length && !others.some(([, name]) => name === row.name));
  let [operator, name, values] = filter ?? ["is", able[0]?.name, []];
  values = [...values];
  let turn = 0;

  const option = (value, label, chosen) => h("option", { value, textContent: label, selected: value === chosen });
  const what = h("select", { onchange: () => { name = what.value; values = []; draw(); suggest(); } }, ...able.map((row) => option(row.name, later.one[row.name] ?? row.label, name)));
  const how = h("select", { onchange: () => { operator = how.value; } }, ...OPERATORS.map((each) => option(each, later.operator[each], operator)));
  const chips = h("div", { className: "chips" });
  const typed = h("input", { type: "text", autocomplete: "off", placeholder: words.type, "aria-label": words.type, maxLength: 512, oninput: () => soon(), onkeydown: entered });
  const add = h("button", { type: "button", className: "control", textContent: words.add, onclick: () => take(typed.value) });
  const names = h("ul", { className: "names" });
  const done = h("button", { className: "control primary", textContent: later.dialog.apply });
  const drop = filter ? h("button", { type: "button", className: "link", textContent: words.drop, onclick: () => { box.close(); choose({ filters: others }); } }) : "";
  const form = h("form", { onsubmit: submit },
    h("div", { className: "pair" }, field(words.what, what), field(words.how, how)),
    h("div", { className: "field" }, h("span", { textContent: words.values }), chips, h("div", { className: "find" }, typed, add)), names,
    h("p", { className: "soft", textContent: words.limits }),
    h("footer", {}, done, drop));
  const box = open("edit", words.title, form);

  function entered(event) {
    if (event.key !== "Enter" || !typed.value) return;
    event.preventDefault();
    take(typed.value);
  }

  function take(value) {
    if (value && !values.includes(value)) values.push(value);
    typed.value = "";
    draw();
    suggest();
    typed.focus();
  }

  function submit(event) {
    event.preventDefault();
    if (typed.value && !values.includes(typed.value)) values.push(typed.value);
    if (!values.length) return typed.focus();
    box.close();
    const next = [operator, name, values];
    choose({ filters: filter ? state.filters.map((other) => (other === filter ? next : other)) : [...others, next] });
  }

  const row = () => config.dimensions.find((other) => other.name === name);

  function draw() {
    chips.hidden = !values.length;
    chips.replaceChildren(...values.map((value) =>
      h("span", { className: "chip" }, h("bdi", { textContent: named(value, row()) }),
        h("button", { type: "button", className: "cross", "aria-label": words.remove(named(value, row())), onclick: () => { values = values.filter((other) => other !== value); draw(); suggest(); } }))));
  }

  let timer;
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(suggest, 200);
  }

  // The names of the range, most frequent first.
  async function suggest() {
    const mine = ++turn;
    if (!row()) return;
    const query = panelQuery({ ...row(), asks: name }, { ...state, filters: others }, { limit: NAMES, needle: typed.value.trim() });
    const { answer } = await queries([{ name: "answer", query }]).catch(() => ({}));
    if (mine !== turn) return;
    const found = (answer?.results ?? []).filter(({ dimensions: [value] }) => !values.includes(value));
    names.replaceChildren(...(found.length ? found.map(({ dimensions: [value], metrics: [number] }) =>
      h("li", {}, h("button", { type: "button", onclick: () => take(value) }, h("bdi", { textContent: named(value, row()) }), h("span", { textContent: number === null ? "" : count(number) }))))
      : [h("li", { className: "soft", textContent: words.none })]));
  }

  draw();
  suggest();
  (filter ? typed : what).focus();
  return box;
}
