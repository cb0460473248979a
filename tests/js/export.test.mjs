import assert from "node:assert/strict";
import test from "node:test";

import { cell, csv, fileName, long, longTables, rowsOfTables, tableOf } from "../../js/stats/export.js";

test("a text that a spreadsheet would run is a text", () => {
  for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\u200b=1", "|calc", "%0A=1"]) {
    assert.match(cell(formula), /^"?'/, JSON.stringify(formula));
  }
  assert.deepEqual(["/a", "a-b", "a=b", "(other)"].map(cell), ["/a", "a-b", "a=b", "(other)"]);
  assert.deepEqual([-1, 0.5, null, undefined].map(cell), ["-1", "0.5", "", ""]);
});

test("commas, quotes and line ends stay within their cell", () => {
  assert.equal(csv([["a,b", 'say "x"'], ["one\ntwo", 3]]), '"a,b","say ""x"""\r\n"one\ntwo",3\r\n');
});

test("a file's name has no path, no markup and no control in it", () => {
  assert.equal(fileName(["../../etc/passwd", "<b>", "a\u202eb\u0000"], "csv"), "etc-passwd-b-a-b.csv");
  assert.equal(fileName(["..", "//"], "json"), "stats.json");
  assert.equal(fileName(["fennel.example", "مرحبا", "2026-11-01"], "csv"), "fennel.example-مرحبا-2026-11-01.csv");
  assert.ok(fileName(["x".repeat(999)], "csv").length <= 124);
});

test("a list has every metric, and those before where it is compared", () => {
  const answer = { results: [{ dimensions: ["/a"], metrics: [3, null], comparison: { metrics: [2, 1] } }], meta: { comparison_range: ["2026-10-01", "2026-10-31"] } };
  assert.deepEqual(tableOf("path", answer, ["pageviews", "visits"]), [["path", "pageviews", "visits", "pageviews before", "visits before"], ["/a", 3, null, 2, 1]]);
});

test("everything is one long table without what is not known", () => {
  assert.deepEqual(long("path", { asked: { metrics: ["pageviews", "exits"] }, results: [{ dimensions: ["/a"], metrics: [3, null] }] }), [["path", "/a", "pageviews", 3]]);
  assert.deepEqual(long("path", { error: "no", asked: { metrics: [] } }), []);
});

const STEPS = { title: "Trial", keys: ["count", "from_before"], rows: [{ name: "Prices", numbers: [{ value: 90 }, { value: null }] }, { name: "=Sign-up", numbers: [{ value: 9 }, { value: 10 }] }] };
const DEAD = { keys: [], rows: [{ name: "/old", numbers: [] }] };

test("tables that no query answers are rows under the names of their numbers, with their titles where they have some", () => {
  assert.deepEqual(rowsOfTables([STEPS]), [["table", "name", "count", "from_before"], ["Trial", "Prices", 90, null], ["Trial", "=Sign-up", 9, 10]]);
  assert.deepEqual(rowsOfTables([DEAD]), [["name"], ["/old"]]);
  assert.deepEqual(rowsOfTables([]), [["name"]]);
});

test("they are lines of the one long table, too: a page that nobody opened has no number", () => {
  assert.deepEqual(longTables({ name: "events:funnels", tables: [STEPS] }), [["events:funnels", "Trial: Prices", "count", 90], ["events:funnels", "Trial: =Sign-up", "count", 9], ["events:funnels", "Trial: =Sign-up", "from_before", 10]]);
  assert.deepEqual(longTables({ name: "pages:dead", tables: [DEAD] }), [["pages:dead", "/old", null, null]]);
});
