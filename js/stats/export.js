// What is taken away: CSV that no spreadsheet runs, JSON, and names of files. Pure, but for the saving.

import { queries } from "./api.js";
import { listed, panelQuery } from "./plan.js";

const MOST = 10_000;

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

/** Saves everything that the page shows of what is chosen: as "csv", one long table, or as "json", the answers. */
export async function saveAll(kind, { state, config, planned }) {
  const views = planned.groups.flatMap((group) => group.views).filter(({ loads }) => !loads);
  const asked = [
    ...planned.queries.filter(({ name }) => ["totals", "series"].includes(name)),
    ...views.map((view) => ({ name: view.name, query: panelQuery(view, state, { limit: MOST, metrics: listed(view, state.filters, config) }) })),
  ];
  const found = await queries(asked);
  const name = fileName([config.site, ...planned.span], kind);
  if (kind === "json") {
    const answers = Object.fromEntries(Object.entries(found).map(([each, { asked: query, ...answer }]) => [each, { ...answer, query }]));
    return save(name, "application/json", JSON.stringify({ site: config.site, timezone: config.timezone, answers }, null, 1));
  }
  return save(name, "text/csv", `\ufeff${csv([["table", "name", "metric", "value"], ...asked.flatMap((entry) => long(entry.name, found[entry.name]))])}`);
}

/** The rows of an answer as lines of one long table: [table, name, metric, value]. */
export const long = (table, { results = [], asked }) =>
  results.flatMap((row) => asked.metrics.map((metric, index) => [table, row.dimensions.join(" "), metric, row.metrics[index]]).filter(([, , , value]) => value !== null));

function save(name, type, words) {
  const address = URL.createObjectURL(new Blob([words], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
