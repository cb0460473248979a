// What must be known to read a panel's numbers: whole months, withheld, unlisted, quiet days.

import { h } from "./dom.js";
import { count, duration, exactRatio, finePercent, percent, ratio, share, span } from "./format.js";
import { words as later } from "./later.js";
import { text } from "./text.js";

/** The notes of an answer, each a few words that open into a sentence. */
export function notesOf({ meta, asked }, config) {
  const found = [];
  const rows = [...asked.dimensions, ...asked.filters.map(([, name]) => name)].map((name) => config.dimensions.find((row) => row.name === name));
  const [dimension] = rows;
  const key = rows.find((row) => rows.some((other) => other?.by && other.by === row?.name));
  const within = meta.percentiles?.[0];
  if (within) found.push(percentiles(within));
  if (meta.whole_months) found.push([meta.range ? later.note.months(span(meta.range, { bare: true })) : later.note.noMonth, later.note.monthsWhy(config, key?.label)]);
  if (meta.withheld && meta.range) found.push([later.note.withheld, later.note.withheldWhy(config)]);
  if (meta.unlisted) found.push([later.note.unlisted(fraction(meta.unlisted)), text.special["(unlisted)"](config, dimension)]);
  if (meta.quiet?.length) found.push([later.note.quiet(meta.quiet.length), later.note.quietWhy(config)]);
  return found;
}

function percentiles({ p50, p75, p95, unit, ratings }) {
  if (!ratings) return [later.note.within(reading(p50, unit), reading(p95, unit)), later.note.withinWhy];
  const all = Object.values(ratings).reduce((sum, number) => sum + number, 0);
  return [later.note.good(reading(p75, unit), share(ratings.good, all)), later.note.goodWhy];
}

/** Shows notes in `host`, leaving what is open open. */
export function showNotes(host, notes) {
  const key = JSON.stringify(notes);
  if (host.dataset.notes === key && host.children.length === notes.length) return;
  host.dataset.notes = key;
  host.replaceChildren(...notes.map(([words, why]) => h("details", { title: why, name: "notes" }, h("summary", { textContent: words }), h("p", { textContent: why }))));
}

/** A bound of a scale: "120 ms", "1.8 s", "0.08". */
export function reading(value, unit) {
  if (unit === "thousandths") return exactRatio.format(value / 1000);
  if (unit === "s") return duration(value);
  return value < 1000 ? `${count(value)} ms` : `${ratio.format(value / 1000)} s`;
}

/** A fraction as a percentage, one decimal below ten: "2.3%". */
export const fraction = (value) => (value < 0.1 ? finePercent : percent).format(value);
