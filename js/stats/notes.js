// What must be known to read a panel's numbers: whole months, withheld, unlisted, quiet days.

import { h } from "./dom.js";
import { fraction, reading, share, span } from "./format.js";
import { text } from "./text.js";

/** The notes of an answer, each a few words that open into a sentence. */
export function notesOf({ meta, asked }, config) {
  const found = [];
  const rows = [...asked.dimensions, ...asked.filters.map(([, name]) => name)].map((name) => config.dimensions.find((row) => row.name === name));
  const [dimension] = rows;
  const key = rows.find((row) => rows.some((other) => other?.by && other.by === row?.name));
  const within = meta.percentiles?.[0];
  if (within) found.push(percentiles(within));
  if (meta.whole_months) found.push([meta.range ? text.note.months(span(meta.range, { bare: true })) : text.note.noMonth, text.note.monthsWhy(config, key?.label)]);
  if (meta.withheld && meta.range) found.push([text.note.withheld, text.note.withheldWhy(config)]);
  if (meta.unlisted) found.push([text.note.unlisted(fraction(meta.unlisted)), text.special["(unlisted)"](config, dimension)]);
  if (meta.quiet?.length) found.push([text.note.quiet(meta.quiet.length), text.note.quietWhy(config)]);
  return found;
}

function percentiles({ p50, p75, p95, unit, ratings }) {
  if (!ratings) return [text.note.within(reading(p50, unit), reading(p95, unit)), text.note.withinWhy];
  const all = Object.values(ratings).reduce((sum, number) => sum + number, 0);
  return [text.note.good(reading(p75, unit), share(ratings.good, all)), text.note.goodWhy];
}

/** Shows notes in `host`, leaving what is open open. */
export function showNotes(host, notes) {
  const key = JSON.stringify(notes);
  if (host.dataset.notes === key) return;
  host.dataset.notes = key;
  host.replaceChildren(...notes.map(([words, why]) => h("details", { title: why, name: "notes" }, h("summary", { textContent: words }), h("p", { textContent: why }))));
}
