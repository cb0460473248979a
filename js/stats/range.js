// The period and what it is compared with: earlier, later, the picker, the comparison.

import { RANGES, addDays, neighbour, named, spanOf } from "./dates.js";
import { h } from "./dom.js";
import { span as spanText } from "./format.js";
import { menu } from "./menu.js";
import { text } from "./text.js";

/** The controls: {element, show(state, config, span)}; `choose` takes a change of the state. */
export function rangeControls(choose) {
  let current;
  const from = h("input", { type: "date", required: true, name: "from" });
  const to = h("input", { type: "date", required: true, name: "to" });
  const form = h("form", { className: "custom", onsubmit: submit },
    h("label", {}, text.from, from), h("label", {}, text.to, to),
    h("button", { className: "control primary", textContent: text.apply }));
  const picker = menu(text.period, (range) => choose({ range, interval: null }), form);
  const comparison = menu(text.comparison, (value) => choose({ comparison: value }));
  const step = (direction, label, path) =>
    h("button", { type: "button", className: `control step ${path}`, title: label, "aria-label": label, onclick: () => move(direction) });
  const earlier = step(-1, text.earlier, "earlier");
  const later = step(1, text.later, "later");
  const element = h("div", { className: "controls" }, earlier, later, picker.element, comparison.element);

  function move(direction) {
    const next = neighbour(current.span, direction, current.config.today);
    if (next) choose({ range: named(next, current.config) });
  }

  function submit(event) {
    event.preventDefault();
    const span = [from.value, to.value].sort();
    picker.close();
    choose({ range: named(span, current.config), interval: null });
  }

  return {
    element,
    show(state, config, span) {
      current = { span, config };
      const next = neighbour(span, 1, config.today);
      const first = config.first_day ?? config.today;
      later.disabled = !next;
      earlier.disabled = span[0] <= first;
      for (const input of [from, to]) Object.assign(input, { min: first, max: config.today });
      [from.value, to.value] = span;
      const label = labelOf(state.range, config);
      picker.show(label, RANGES.map((range) => [range, text.range[range]]), state.range, spanText(span));
      comparison.show(text.compare[state.comparison], Object.entries(text.compare), state.comparison);
    },
  };
}

function labelOf(range, config) {
  if (!Array.isArray(range)) return text.range[range];
  const yesterday = addDays(config.today, -1);
  if (range[0] === yesterday && range[1] === yesterday) return text.yesterday;
  return spanText(spanOf(range, config));
}
