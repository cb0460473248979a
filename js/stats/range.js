// The period and what it is compared with: earlier, later, the picker, the comparison.

import { RANGES, addDays, named, neighbour, spanOf } from "./dates.js";
import { h } from "./dom.js";
import { span as spanText } from "./format.js";
import { menu } from "./menu.js";
import { text } from "./text.js";

/** The controls: {element, show(state, config, span), move(direction), compare()}; `choose` takes a change, `calendar` asks for two dates. */
export function rangeControls(choose, calendar) {
  let current;
  const picker = menu(text.period, (range) => (range === "custom" ? dates() : choose({ range, interval: null })));
  const comparison = menu(text.comparison, (value) => (value === "custom" ? against() : choose({ comparison: value })));
  const step = (direction, label, path) =>
    h("button", { type: "button", className: `control step ${path}`, title: label, "aria-label": label, onclick: () => move(direction) });
  const earlier = step(-1, text.earlier, "earlier");
  const later = step(1, text.later, "later");

  function move(direction) {
    const button = direction < 0 ? earlier : later;
    const next = neighbour(current.span, direction, current.config.today);
    if (next && !button.disabled) choose({ range: named(next, current.config) });
  }

  const bounds = () => ({ first: current.config.first_day ?? current.config.today, last: current.config.today });
  const dates = () => calendar("title", current.span, bounds(), (range) => choose({ range: named(range, current.config), interval: null }));
  function against() {
    const { comparison: old } = current.state;
    const before = Array.isArray(old) ? old : (neighbour(current.span, -1, current.config.today) ?? current.span);
    calendar("against", before, bounds(), (range) => choose({ comparison: range }));
  }

  return {
    element: h("div", { className: "steps" }, earlier, later, picker.element, comparison.element),
    move,
    /** The next comparison of the three that have a name. */
    compare() {
      const names = Object.keys(text.compare);
      choose({ comparison: names[(names.indexOf(current.state.comparison) + 1) % names.length] });
    },
    show(state, config, span) {
      current = { span, config, state };
      later.disabled = !neighbour(span, 1, config.today);
      earlier.disabled = span[0] <= (config.first_day ?? config.today);
      const custom = ["custom", text.custom];
      picker.show(labelOf(state.range, config), [...RANGES.map((range) => [range, text.range[range]]), custom], Array.isArray(state.range) ? "custom" : state.range, spanText(span));
      const other = Array.isArray(state.comparison);
      comparison.show(other ? text.versus(spanText(state.comparison, { bare: true })) : text.compare[state.comparison], [...Object.entries(text.compare), custom], other ? "custom" : state.comparison);
    },
  };
}

function labelOf(range, config) {
  if (!Array.isArray(range)) return text.range[range];
  const yesterday = addDays(config.today, -1);
  if (range[0] === yesterday && range[1] === yesterday) return text.yesterday;
  return spanText(spanOf(range, config));
}
