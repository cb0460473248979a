// Ranked rows: a bar behind the name, the number, the share. The panels and the whole list are made of them.

import { h, say } from "./dom.js";
import { change, fitted, full, named, share, signed } from "./format.js";
import { comparable } from "./plan.js";
import { text } from "./text.js";

/** A list of rows that keeps its elements from one answer to the next: {element, show(rows)}. */
export function rowList(onpick) {
  const element = h("ol", { className: "rows" });
  const plain = (row) => !onpick || Boolean(row.special);
  const known = new Map();

  return {
    element,
    /** `rows`: [{value, shown, numbers: [{value, unit, shown}], of, largest, withheld, special, chosen, faded, moved}]. */
    show(rows) {
      const wanted = new Map(rows.map((row) => [row.value, row]));
      for (const [value, item] of known) {
        if (wanted.has(value)) continue;
        item.element.remove();
        known.delete(value);
      }
      rows.forEach((row, index) => {
        // A row that becomes a filter or stops being one changes its element.
        if (known.get(row.value)?.plain !== plain(row)) {
          known.get(row.value)?.element.remove();
          known.set(row.value, made(row, plain(row), onpick));
        }
        const item = known.get(row.value);
        fill(item, row);
        if (element.children[index] !== item.element) element.insertBefore(item.element, element.children[index] ?? null);
      });
    },
  };
}

function made(row, plain, onpick) {
  const bar = h("span", { className: "fill" });
  const name = h("bdi", { textContent: row.shown });
  const words = h("span", { className: "name" }, bar, h("span", { className: "words" }, name));
  const numbers = h("span", { className: "numbers" });
  const body = plain
    ? h("div", { className: row.special ? "row special" : "row", title: row.special ?? row.shown }, words, numbers)
    : h("button", { type: "button", className: "row", onclick: (event) => onpick(row.value, event.ctrlKey || event.metaKey || event.shiftKey) }, words, numbers);
  return { element: h("li", {}, body), body, bar, numbers, plain };
}

function fill({ body, bar, numbers, plain }, row) {
  const [first] = row.numbers;
  bar.hidden = !first.value;
  bar.style.width = `${row.largest ? Math.max(0.4, (100 * first.value) / row.largest) : 0}%`;
  const wanted = row.numbers.length + (row.of === undefined ? 0 : 1) + (row.moved === undefined ? 0 : 1);
  while (numbers.children.length < wanted) numbers.append(h("span"));
  while (numbers.children.length > wanted) numbers.lastChild.remove();
  row.numbers.forEach(({ value, unit, shown }, index) => {
    const cell = numbers.children[index];
    cell.className = value === null ? "number without" : "number";
    say(cell, value === null ? (row.withheld ? text.withheld : text.none) : (shown ?? fitted(value, unit)));
    cell.title = value === null ? "" : (shown ?? full(value, unit));
  });
  const rest = [...numbers.children].slice(row.numbers.length);
  const part = row.of === undefined ? null : rest.shift();
  const [moved] = rest;
  if (part) {
    part.className = "share";
    say(part, row.of ? share(first.value, row.of) : "");
  }
  if (moved) {
    moved.className = "moved";
    say(moved, row.moved);
  }
  if (plain) return;
  body.classList.toggle("faded", row.faded);
  body.setAttribute("aria-pressed", String(row.chosen));
  body.title = `${row.shown}\n${row.chosen ? text.unchoose(row.shown) : text.choose(row.shown)}\n${text.several}`;
}

/** The rows of an answer; `metrics` are the rows of the metric table that were asked for. */
export function rowsOf(answer, { metrics, of, config, filters, name, changes = false }) {
  const chosen = filters.filter(([operator, dimension]) => operator === "is" && dimension === name).flatMap(([, , values]) => values);
  const largest = Math.max(0, ...answer.results.map((row) => row.metrics[0] ?? 0));
  const dimension = config.dimensions.find((other) => other.name === name);
  const money = dimension?.display === "currency";
  const compared = changes && comparable(answer, config);
  const rows = [...answer.results];
  // Ranges stand in their order, not in that of their numbers.
  if (dimension?.ordered) rows.sort((one, other) => dimension.values.indexOf(one.dimensions[0]) - dimension.values.indexOf(other.dimensions[0]));
  return rows.map(({ dimensions: [value], metrics: numbers, comparison }) => ({
    value,
    shown: named(value, dimension),
    numbers: metrics.map(({ unit }, index) => ({ value: numbers[index] ?? null, unit: money && unit.startsWith("money") ? `money ${value}` : unit })),
    of,
    moved: compared ? movedOf(numbers[0], comparison?.metrics[0], metrics[0].unit) : undefined,
    largest,
    withheld: answer.meta.withheld,
    special: Object.hasOwn(text.special, value) ? text.special[value](config, dimension) : null,
    chosen: chosen.includes(value),
    faded: chosen.length > 0 && !chosen.includes(value),
  }));
}

// How a row's first number moved against the period before, in a word.
function movedOf(now, before, unit) {
  if (now && before === 0) return text.isNew;
  const moved = change(now, before, unit);
  return moved ? signed(moved, text.points) : "";
}
