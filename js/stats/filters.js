// The chips of what the page is filtered by.

import { h } from "./dom.js";
import { named } from "./format.js";
import { text } from "./text.js";

/** Shows the filters in `host`; `choose` takes a change of the state. */
export function showFilters(host, filters, config, choose) {
  host.hidden = !filters.length;
  host.setAttribute("aria-label", text.filters);
  host.replaceChildren(
    ...filters.map((filter, index) => {
      const [operator, name, values] = filter;
      const { label = name, display } = config.dimensions.find((dimension) => dimension.name === name) ?? {};
      const value = values.map((each) => named(each, display)).join(text.or);
      const words = `${label} ${text.operator[operator]} ${value}`;
      return h("span", { className: "chip", title: words },
        h("span", { className: "chip-label", textContent: `${label} ${text.operator[operator]}` }), " ",
        h("bdi", { textContent: value }),
        h("button", {
          type: "button", className: "cross", "aria-label": text.removeFilter(words),
          onclick: () => choose({ filters: filters.filter((_, other) => other !== index) }),
        }));
    }),
    filters.length > 1 ? h("button", { type: "button", className: "link", textContent: text.removeAll, onclick: () => choose({ filters: [] }) }) : "",
  );
}
