// What is taken away: CSV that no spreadsheet runs, JSON, and names of files. Pure, but for the saving.

import { queries } from "./api.js";
import { metricsOf, panelQuery, shownIn, together } from "./plan.js";
import { tables } from "./special.js";

// Rows that are asked for, and that are written, at once: the page answers a hand between two parts.
const PART = 1_000;
const LINES = 100;
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

/** All rows of a query, a part at a time. */
export async function allRows(query) {
  let found = null;
  while (!found || (found.results?.length < found.meta?.total_rows && found.results.length)) {
    const pagination = { limit: PART, offset: found?.results.length ?? 0 };
    const { answer } = await queries([{ name: "answer", query: { ...query, pagination } }]);
    if (!answer.results?.length) return found ?? answer;
    found = { ...answer, results: [...(found?.results ?? []), ...answer.results] };
  }
  return found;
}

// What is saved, a piece at a time: a blob of blobs is no work at its end.
function file(name, type) {
  const parts = [];
  const add = async (words) => {
    parts.push(new Blob([words]));
    await new Promise((done) => setTimeout(done));
  };
  return {
    add,
    async rows(rows) {
      for (let at = 0; at < rows.length; at += LINES) await add(csv(rows.slice(at, at + LINES)));
    },
    save: () => save(name, type, parts),
  };
}

async function saveCsv(name, rows) {
  const made = file(name, "text/csv");
  await made.add("\ufeff");
  await made.rows(rows);
  made.save();
}

/** Saves the rows of a list. */
export const saveRows = (site, view, answer, metrics) =>
  saveCsv(fileName([site, view.name, ...(answer.meta.range ?? [])], "csv"), tableOf(view.asks, answer, metrics.map(({ name }) => name)));

/** Saves the tables of a view that no query answers; the title of each is in a column before its names. */
export const saveTables = (site, view, range, found) => saveCsv(fileName([site, view.name, ...range], "csv"), rowsOfTables(found));

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
  const name = fileName([config.site, ...planned.span], kind);
  await (kind === "csv" ? allAsCsv : allAsJson)(file(name, kind === "csv" ? "text/csv" : "application/json"), config, everything(state, config, planned));
}

// Each table that the page has of what is chosen: {name, answer} of a query, or {name, tables}.
async function* everything(state, config, planned) {
  for (const { name, query } of planned.queries) if (["totals", "series"].includes(name)) yield { name, answer: { ...(await allRows(query)), asked: query } };
  for (const view of planned.groups.flatMap((group) => group.views)) {
    const query = view.loads ? null : panelQuery(view, state, { metrics: listed(view, state.filters, config) });
    if (query) yield { name: view.name, answer: { ...(await allRows(query)), asked: query } };
    else yield { name: view.name, tables: (await tables(view, state, config).catch(() => null))?.tables ?? [] };
  }
}

async function allAsCsv(made, config, found) {
  await made.add(`\ufeff${csv([["table", "name", "metric", "value"]])}`);
  for await (const { name, answer, tables: others } of found) {
    const { results = [], asked } = answer ?? {};
    for (let at = 0; at < results.length; at += LINES) await made.add(csv(long(name, { results: results.slice(at, at + LINES), asked })));
    if (others) await made.rows(longTables({ name, tables: others }));
  }
  made.save();
}

async function allAsJson(made, { site, timezone }, found) {
  await made.add(`{"site": ${JSON.stringify(site)}, "timezone": ${JSON.stringify(timezone)}, "answers": {`);
  let before = "\n";
  for await (const { name, answer, tables: others } of found) {
    const { asked, results = [], ...rest } = answer ?? {};
    const about = answer ? { ...rest, query: asked } : { tables: others.map(named) };
    await made.add(`${before}${JSON.stringify(name)}: ${JSON.stringify(about).slice(0, -1)}`);
    for (let at = 0; at < results.length; at += LINES) await made.add(`${at ? "," : ', "results": ['}${JSON.stringify(results.slice(at, at + LINES)).slice(1, -1)}`);
    await made.add(answer?.results && !results.length ? ', "results": []}' : results.length ? "]}" : "}");
    before = ",\n";
  }
  await made.add("\n}}\n");
  made.save();
}

const named = ({ title = null, keys, rows }) => ({ title, metrics: keys, rows: rows.map(({ name, numbers }) => ({ name, metrics: numbers.map(({ value }) => value) })) });

/** The rows of an answer as lines of one long table: [table, name, metric, value]. */
export const long = (table, { results = [], asked }) =>
  results.flatMap((row) => asked.metrics.map((metric, index) => [table, row.dimensions.join(" "), metric, row.metrics[index]]).filter(([, , , value]) => value !== null));

/** The rows of such tables as lines of it: a page that nobody opened has no metric, and no value. */
export const longTables = ({ name: view, tables: found }) =>
  found.flatMap(({ title, keys, rows }) => rows.flatMap(({ name, numbers }) => {
    const words = title ? `${title}: ${name}` : name;
    return keys.length ? keys.map((key, index) => [view, words, key, numbers[index].value]).filter(([, , , value]) => value !== null) : [[view, words, null, null]];
  }));

function save(name, type, parts) {
  const address = URL.createObjectURL(new Blob(parts, { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
