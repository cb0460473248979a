// The chips of what the page is filtered by; a chip opens what changes it.

import { h } from "./dom.js";
import { named } from "./format.js";
import { words as later } from "./later.js";

/** Shows the filters in `host`; `choose` takes a change of the state, `edit` is called with the filter that is to change. */
export function showFilters(host, filters, config, choose, edit) {
  host.hidden = !filters.length;
  host.setAttribute("aria-label", later.filters);
  host.replaceChildren(
    ...filters.map((filter, index) => {
      const { subject, value, words } = wordsOf(filter, config);
      return h("span", { className: "chip" },
        h("button", { type: "button", className: "chip-words", title: words, "aria-label": later.editFilter(words), "aria-haspopup": "dialog", onclick: () => edit(filter) },
          h("span", { className: "chip-label", textContent: subject }), " ", h("bdi", { textContent: value })),
        h("button", {
          type: "button", className: "cross", "aria-label": later.removeFilter(words),
          onclick: () => choose({ filters: filters.filter((_, other) => other !== index) }),
        }));
    }),
    filters.length > 1 ? h("button", { type: "button", className: "link", textContent: later.removeAll, onclick: () => choose({ filters: [] }) }) : "",
  );
}

/** A filter in words: {subject: "Page is", value: "/a or /b", words: "Page is /a or /b"}. */
export function wordsOf([operator, name, values], config) {
  const row = config.dimensions.find((dimension) => dimension.name === name);
  const subject = `${later.one[name] ?? row?.label ?? name} ${later.operator[operator]}`;
  const value = values.map((each) => named(each, row)).join(later.or);
  return { subject, value, words: `${subject} ${value}` };
}
