// The chart as a table, for screen readers.

import { h } from "./dom.js";
import { full } from "./format.js";
import { text } from "./text.js";

/** Fills a table with what a chart shows. */
export function fillTable(table, { metric, interval, names, values, before, compared, running, marks }) {
  const cell = (value) => h("td", { textContent: value === null ? text.none : full(value, metric.unit) });
  table.replaceChildren(
    h("caption", { textContent: `${metric.label} ${text.by[interval]}` }),
    h("thead", {}, h("tr", {}, ...[text.period, metric.label, compared && text.legend.comparison].filter(Boolean).map((words) => h("th", { scope: "col", textContent: words })))),
    h("tbody", {}, ...names.map((name, index) =>
      h("tr", {},
        h("th", { scope: "row", textContent: [name + (index === running ? ` (${text.soFar})` : ""), marks[index]].filter(Boolean).join(", ") }),
        cell(values[index]),
        compared && cell(before[index]?.value ?? null)))),
  );
}
