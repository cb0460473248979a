// The headline numbers; each is the button that gives its metric to the chart.

import { h, say } from "./dom.js";
import { brief, change, full, judged, signed, span } from "./format.js";
import { begun, comparable, headlineOf, metricOf, metricsUnder, valuesOf } from "./plan.js";
import { text } from "./text.js";

/** The headline: {names(config, filters, answer), show(state, config, answer, chosen)}. */
export function headline(host, choose) {
  const tiles = new Map();

  return {
    /** The names that stand in the headline. */
    names: (config, filters, answer) => headlineOf(config, filters, valuesOf(answer)),

    show(state, config, answer, chosen) {
      const names = headlineOf(config, state.filters, valuesOf(answer));
      const possible = metricsUnder(config, state.filters);
      const elements = names.map((name) => {
        if (!tiles.has(name)) tiles.set(name, tile(name, choose));
        fill(tiles.get(name), metricOf(config, name, state.filters), answer, config, possible.includes(name), name === chosen);
        return tiles.get(name).button;
      });
      const same = host.children.length === elements.length && elements.every((element, index) => host.children[index] === element);
      if (!same) host.replaceChildren(...elements);
    },
  };
}

function tile(name, choose) {
  const parts = { label: h("span", { className: "label" }), value: h("strong"), note: h("span", { className: "note" }) };
  const button = h("button", { type: "button", className: "head", onclick: () => choose({ metric: name }) }, parts.label, parts.value, parts.note);
  return { button, ...parts };
}

function fill({ button, label, value, note }, metric, answer, config, possible, chosen) {
  button.setAttribute("aria-pressed", String(chosen));
  say(label, metric.label);
  const at = answer?.asked?.metrics.indexOf(metric.name) ?? -1;
  const row = answer?.results?.[0];
  const now = at < 0 ? null : (row?.metrics[at] ?? null);
  const before = at < 0 || !comparable(answer, config) ? null : (row?.comparison?.metrics[at] ?? null);
  button.disabled = !possible || now === null;
  value.classList.toggle("without", now === null);
  note.className = "note";

  if (now === null) {
    const withheld = possible && isWithheld(metric, answer, row);
    say(value, withheld ? text.withheld : text.none);
    say(note, withheld ? "" : possible && answer?.meta ? (answer.meta.range ? (text.hint[metric.name] ?? text.hint.other) : text.noMonth.toLowerCase()) : text.hint.unavailable);
    button.title = metric.about;
    return;
  }
  say(value, brief(now, metric.unit));
  // Half a day against a whole one would be a fall every day.
  const moved = before !== null && begun(answer, config) && metric.unit === "count" ? null : change(now, before, metric.unit);
  if (moved) note.classList.add(judged(moved.direction, metric.better) || "even");
  say(note, moved ? (moved.amount ? signed(moved, text.points) : text.same) : before === null ? "" : text.was(full(before, metric.unit)));
  const compared = before === null ? "" : `\n${span(answer.meta.comparison_range)}: ${full(before, metric.unit)}`;
  button.title = `${metric.label}: ${full(now, metric.unit)}${compared}\n${metric.about}`;
}

// A number that is null among small counts was withheld; a rate is so only where a count beside it was.
function isWithheld(metric, answer, row) {
  if (!answer?.meta?.withheld || !answer.meta.range) return false;
  return metric.unit === "count" || (row?.metrics ?? []).slice(0, 2).includes(null);
}
