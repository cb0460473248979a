// What is taken away: CSV that no spreadsheet runs, JSON, and names of files. Pure, but for the saving.

import { queries } from "./api.js";
import { metricsOf, panelQuery, shownIn, together } from "./plan.js";
import { tables } from "./special.js";

const MOST = 10_000;
const LISTED = ["visits", "bounce_rate", "time_on_page", "exits"];

/** The metrics of a dimension's whole list, those that say most first. */
export function listed(dimension, filters, config) {
  const able = metricsOf(together(dimension, filters), config);
  return [...new Set([...shownIn(dimension, filters, config), ...LISTED.filter((name) => able.includes(name)), ...able])];
}

/**
 * A cell of CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV
 * Injection"); numbers are ours, and stay numbers.
 */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[\s\p{C}]*[=+\-@|%\t\r＝＋－＠]/u.test(value) ? `'${value}` : value;
  return /[",\n\r;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A table as CSV: lines end in CR LF. */
export const csv = (rows) => rows.map((row) => row.map(cell).join(",") + "\r\n").join("");

/** A file's name out of texts that may be anything: letters, digits, dots and dashes are left of them. */
export const fileName = (parts, ending) =>
  `${parts.filter(Boolean).join("-").normalize("NFKC").replace(/[^\p{L}\p{N}.]+/gu, "-").replace(/\.{2,}/g, ".").replace(/^[-.]+|[-.]+$/g, "").slice(0, 120) || "stats"}.${ending}`;

/** The rows of an answer as a table: the name, every metric, and the first one before where it is compared. */
export function tableOf(name, { results, meta }, metrics) {
  const compared = Boolean(meta?.comparison_range) && results.some((row) => row.comparison);
  return [
    [name, ...metrics, ...(compared ? metrics.map((metric) => `${metric} before`) : [])],
    ...results.map((row) => [...row.dimensions, ...row.metrics, ...(compared ? (row.comparison?.metrics ?? metrics.map(() => null)) : [])]),
  ];
}

/** Saves the rows of a list. */
export const saveRows = (site, view, answer, metrics) =>
  save(fileName([site, view.name, ...(answer.meta.range ?? [])], "csv"), "text/csv", `\ufeff${csv(tableOf(view.asks, answer, metrics.map(({ name }) => name)))}`);

/** Saves the tables of a view that no query answers; the title of each is in a column before its names. */
export const saveTables = (site, view, range, found) =>
  save(fileName([site, view.name, ...range], "csv"), "text/csv", `\ufeff${csv(rowsOfTables(found))}`);

/** The same as rows. */
export function rowsOfTables(found) {
  const titled = found.some(({ title }) => title);
  return [
    [...(titled ? ["table"] : []), "name", ...(found[0]?.keys ?? [])],
    ...found.flatMap(({ title, rows }) => rows.map(({ name, numbers }) => [...(titled ? [title] : []), name, ...numbers.map(({ value }) => value)])),
  ];
}

/** Saves everything that the page shows of what is chosen: as "csv", one long table, or as "json", the answers. */
export async function saveAll(kind, { state, config, planned }) {
  const all = planned.groups.flatMap((group) => group.views);
  const views = all.filter(({ loads }) => !loads);
  const asked = [
    ...planned.queries.filter(({ name }) => ["totals", "series"].includes(name)),
    ...views.map((view) => ({ name: view.name, query: panelQuery(view, state, { limit: MOST, metrics: listed(view, state.filters, config) }) })),
  ];
  const found = await queries(asked);
  const others = await Promise.all(all.filter(({ loads }) => loads).map(async (view) => ({ name: view.name, tables: (await tables(view, state, config).catch(() => null))?.tables ?? [] })));
  const name = fileName([config.site, ...planned.span], kind);
  if (kind === "json") {
    const answers = Object.fromEntries(Object.entries(found).map(([each, { asked: query, ...answer }]) => [each, { ...answer, query }]));
    for (const other of others) answers[other.name] = { tables: other.tables.map(({ title = null, keys, rows }) => ({ title, metrics: keys, rows: rows.map(({ name: row, numbers }) => ({ name: row, metrics: numbers.map(({ value }) => value) })) })) };
    return save(name, "application/json", JSON.stringify({ site: config.site, timezone: config.timezone, answers }, null, 1));
  }
  return save(name, "text/csv", `\ufeff${csv([["table", "name", "metric", "value"], ...asked.flatMap((entry) => long(entry.name, found[entry.name])), ...others.flatMap(longTables)])}`);
}

/** The rows of an answer as lines of one long table: [table, name, metric, value]. */
export const long = (table, { results = [], asked }) =>
  results.flatMap((row) => asked.metrics.map((metric, index) => [table, row.dimensions.join(" "), metric, row.metrics[index]]).filter(([, , , value]) => value !== null));

/** The rows of such tables as lines of it: a page that nobody opened has no metric, and no value. */
export const longTables = ({ name: view, tables: found }) =>
  found.flatMap(({ title, keys, rows }) => rows.flatMap(({ name, numbers }) => {
    const words = title ? `${title}: ${name}` : name;
    return keys.length ? keys.map((key, index) => [view, words, key, numbers[index].value]).filter(([, , , value]) => value !== null) : [[view, words, null, null]];
  }));

function save(name, type, words) {
  const address = URL.createObjectURL(new Blob([words], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
