// The chart: a line over time on an axis that starts at zero, its comparison, and its table for screen readers.

import { bucketSpan } from "./dates.js";
import { h, s } from "./dom.js";
import { axisLabel, bucketLabel, bucketName, day, full, span as spanText } from "./format.js";
import { comparable } from "./plan.js";
import { axis, labelled, runs } from "./scale.js";
import { text } from "./text.js";

const NARROW = 560;
const TOP = 14;
const WORDS = 12; // more room above, where marks have their words
const BOTTOM = 28;

/** A chart in `host`: {show(view), message(words)}; `open` is called with the label of a bucket that was picked. */
export function chart(host, open) {
  const table = h("table");
  const plot = h("div", { className: "plot", tabIndex: 0, role: "group" });
  const calm = h("p", { className: "calm", hidden: true });
  let reader = null;
  let view = null;
  let drawn = 0;
  let place = null;
  host.replaceChildren(plot, calm, h("div", { className: "hidden" }, table));

  new ResizeObserver(() => view && Math.abs(plot.clientWidth - drawn) > 1 && draw()).observe(plot);

  function draw() {
    drawn = plot.clientWidth;
    if (!drawn) return;
    const geometry = layout(view, drawn, drawn < NARROW ? 190 : 244);
    plot.querySelector("svg")?.remove();
    plot.prepend(picture(view, geometry));
    place = geometry;
    reader?.show(view, place);
  }

  // Reading comes with the first pointer or focus: what is there by then is read.
  let last = null;
  async function read(event) {
    last = event;
    if (reader) return;
    reader = { show: () => {} };
    reader = await import("./readout.js").then(({ readout }) => readout(plot, open), () => null);
    if (view && place) reader?.show(view, place, last);
  }
  for (const kind of ["pointerenter", "pointermove", "pointerdown", "focus"]) plot.addEventListener(kind, read);

  return {
    show(next) {
      const same = JSON.stringify(next) === JSON.stringify(view);
      calm.hidden = true;
      plot.hidden = false;
      if (same) return;
      view = next;
      plot.setAttribute("aria-label", `${view.metric.label} ${text.by[view.interval]}. ${text.chartHint}`);
      draw();
      import("./table.js").then(({ fillTable }) => view === next && fillTable(table, view), () => {});
    },
    message(words) {
      view = null;
      plot.hidden = true;
      calm.hidden = false;
      calm.textContent = words;
      table.replaceChildren();
    },
  };
}

/**
 * What the chart shows, of an answer: the values of one metric, those before, where the running bucket is.
 * `marks` are those of the API, each beside the bucket that it falls into; `dayBefore` is the answer about all of the day before.
 * What lies after the running bucket or before counting began is not zero: it is not there.
 */
export function viewOf(answer, metric, interval, firstDay, { marks = [], dayBefore } = {}) {
  const at = answer.asked.metrics.indexOf(metric.name);
  const rows = wholeDay(answer, interval, dayBefore);
  const { range, comparison_range: rangeBefore } = answer.meta;
  // Whole months to date may overlap those before, and counting may have begun within them: then there is nothing to set beside them.
  const apart = Boolean(range && rangeBefore) && rangeBefore[1] < range[0] && rangeBefore[0] >= firstDay;
  const begun = (label) => bucketSpan(label, interval, ["", "9999"])[1] >= firstDay;
  const running = rows.findIndex((row) => row.dimensions[0] === answer.meta.running);
  return {
    metric,
    interval,
    running,
    compared: apart,
    withheld: answer.meta.withheld,
    labels: rows.map((row) => row.dimensions[0]),
    names: rows.map((row) => bucketName(row.dimensions[0], interval, range)),
    marks: rows.map(({ dimensions: [label] }) => marks.filter((mark) => marksIn(mark, label, interval)).map(({ kind, text: words }) => text.mark[kind]?.(words) ?? words).join(", ")),
    values: rows.map((row, index) => ((running >= 0 && index > running) || !begun(row.dimensions[0]) ? null : (row.metrics[at] ?? null))),
    before: rows.map((row) => (apart && row.comparison ? { name: bucketName(row.comparison.dimensions[0], interval, rangeBefore), value: row.comparison.metrics[at] ?? null } : null)),
  };
}

// The hours of today that have not begun: no answer has them, and a day is drawn as one.
function wholeDay({ results, asked, meta }, interval, dayBefore) {
  const last = results.at(-1)?.dimensions[0];
  if (interval !== "hour" || !meta.range || meta.range[0] !== meta.range[1] || last !== meta.running) return results;
  const hour = Number(last.slice(11, 13));
  const none = asked.metrics.map(() => null);
  const rest = Array.from({ length: 23 - hour }, (_, index) => ({ dimensions: [`${last.slice(0, 11)}${String(hour + 1 + index).padStart(2, "0")}${last.slice(13)}`], metrics: none }));
  return [...results, ...rest].map((row, index) => ({ ...row, comparison: row.comparison ?? dayBefore?.results?.[index] }));
}

function marksIn({ day: date, hour }, label, interval) {
  if (interval === "hour") return hour === label;
  const [first, last] = bucketSpan(label, interval, ["", "9999"]);
  return date >= first && date <= last;
}

function layout(view, width, height) {
  const numbers = [...view.values, ...view.before.map((point) => point?.value ?? null)].filter((value) => value !== null);
  const scale = axis(Math.max(0, ...numbers), { unit: view.metric.unit, count: height < 200 ? 3 : 4 });
  const labels = scale.ticks.map((tick) => axisLabel(tick, view.metric.unit));
  const left = 22 + Math.max(...labels.map((label) => label.length)) * 7.2;
  const top = TOP + (view.marks.some(Boolean) ? WORDS : 0);
  const right = width - 18;
  const bottom = height - BOTTOM;
  const last = view.labels.length - 1;
  return {
    width, height, left, right, bottom, scale, labels,
    top,
    x: (index) => (last ? left + ((right - left) * index) / last : (left + right) / 2),
    y: (value) => bottom - ((bottom - top) * Math.min(value, scale.top)) / scale.top,
  };
}

function picture(view, place) {
  const { width, height } = place;
  const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
  drawing.append(...grid(place), ...dates(view, place), ...ticks(view, place));
  if (view.labels.length === 1) drawing.append(...columns(view, place));
  else drawing.append(...area(view, place), ...comparison(view, place), ...line(view, place));
  return drawing;
}

const grid = ({ left, right, y, scale, labels }) =>
  scale.ticks.flatMap((tick, index) => [
    s("line", { class: tick ? "grid" : "grid base", x1: left, x2: right, y1: crisp(y(tick)), y2: crisp(y(tick)) }),
    s("text", { class: "tick", x: left - 10, y: y(tick) + 4, "text-anchor": "end" }, labels[index]),
  ]);

function dates(view, { left, right, width, height, x }) {
  const several = view.interval === "hour" && view.labels.length > 26;
  const shown = labelled(view.labels.length, right - left, width < NARROW ? 62 : 88, view.interval);
  return shown.map((index, nth) => {
    const words = bucketLabel(view.labels[index], view.interval, { several, first: nth === 0 });
    const half = words.length * 3.6;
    const anchor = x(index) - half < 4 ? "start" : x(index) + half > right + 14 ? "end" : "middle";
    return s("text", { class: "tick", x: x(index), y: height - 7, "text-anchor": anchor }, words);
  });
}

// A thin line for each mark, and its word where it has room.
function ticks({ marks }, { x, bottom, top, right }) {
  let free = 0;
  return marks.flatMap((words, index) => {
    if (!words) return [];
    const at = round(x(index));
    const short = words.length > 28 ? `${words.slice(0, 27)}…` : words;
    const wide = short.length * 6.6;
    const start = at + wide < right + 14 ? at : at - wide;
    const said = start > free ? [s("text", { class: "tick", x: start + (start === at ? -2 : 2), y: top - 9 }, short)] : [];
    if (said.length) free = start + wide + 8;
    return [s("path", { class: "mark", d: `M${at},${top - 4}V${bottom}` }), ...said];
  });
}

function area(view, { x, y, bottom }) {
  return runs(view.values).filter(([first, last]) => last > first).map(([first, last]) =>
    s("path", { class: "area", d: `${path(view.values, first, last, x, y)}L${round(x(last))},${bottom}L${round(x(first))},${bottom}Z` }));
}

function comparison(view, { x, y }) {
  const values = view.before.map((point) => point?.value ?? null);
  return runs(values).map(([first, last]) =>
    last > first
      ? s("path", { class: "before", d: path(values, first, last, x, y) })
      : s("circle", { class: "before-dot", cx: x(first), cy: y(values[first]), r: 2 }));
}

function line(view, { x, y }) {
  return runs(view.values).flatMap(([first, last]) => {
    if (first === last) return [s("circle", { class: "alone", cx: x(first), cy: y(view.values[first]), r: 3.5 })];
    const open = last === view.running;
    const solid = open ? last - 1 : last;
    return [
      solid > first && s("path", { class: "line", d: path(view.values, first, solid, x, y) }),
      open && s("path", { class: "line running", d: path(view.values, solid, last, x, y) }),
      view.labels.length < 3 && s("circle", { class: "alone", cx: x(last), cy: y(view.values[last]), r: 3.5 }),
    ].filter(Boolean);
  });
}

// One bucket makes no line: two columns, now and before.
function columns(view, { x, y, bottom }) {
  const wide = 72;
  const column = (name, centre, value) =>
    value === null || value === undefined ? [] : [s("rect", { class: name, x: centre - wide / 2, width: wide, y: y(value), height: Math.max(0, bottom - y(value)), rx: 4 })];
  const before = view.before[0]?.value ?? null;
  const shift = before === null ? 0 : wide / 2 + 8;
  return [...column("column-before", x(0) - shift, before), ...column("column", x(0) + shift, view.values[0])];
}

/** The line of words above the chart: which days, and what each kind of line is. */
export function legend(host, answer, view, config) {
  const { range, comparison_range: before } = answer.meta;
  const item = (kind, words) => h("span", { className: "key" }, h("span", { className: `swatch ${kind}`, "aria-hidden": "true" }), words);
  host.replaceChildren(
    item("now", answer.meta.whole_months ? `${spanText(range)}, ${text.legend.months}` : spanText(range)),
    before && before[1] < range[0] ? (comparable(answer, config)
      ? item("then", `${text.legend.comparison} ${spanText(before)}`)
      : h("span", { className: "key", textContent: text.legend.began(day(config.first_day)) })) : "",
    view && view.running > 0 && view.values[view.running - 1] !== null ? item("open", text.legend.running) : "",
  );
}

const round = (number) => Math.round(number * 10) / 10;
const crisp = (number) => Math.round(number) + 0.5;

function path(values, first, last, x, y) {
  let drawn = "";
  for (let index = first; index <= last; index++) drawn += `${drawn ? "L" : "M"}${round(x(index))},${round(y(values[index]))}`;
  return drawn;
}
