import assert from "node:assert/strict";
import test from "node:test";

import { notesOf } from "../../js/stats/notes.js";
import { rowsOf } from "../../js/stats/rows.js";

const config = {
  min_count: 10, viewer: "owner",
  dimensions: [
    { name: "path", label: "Pages", by: "" },
    { name: "event", label: "Events", by: "path" },
    { name: "property", label: "Properties", by: "event" },
    { name: "lcp", label: "Largest paint (LCP)", by: "path", ordered: true, values: ["0 – 1 s", "1 – 2 s", "over 2 s"] },
    { name: "currency", label: "Revenue", by: null, display: "currency" },
  ],
};
const answer = (name, rows, meta = {}, filters = []) => ({ asked: { dimensions: [name], filters }, meta, results: rows.map(([value, ...metrics]) => ({ dimensions: [value], metrics })) });
const rows = (name, list, metrics) => rowsOf(answer(name, list), { metrics, of: null, config, filters: [], name });
const notes = (meta, name = "lcp", filters = []) => notesOf(answer(name, [], meta, filters), config);

test("ranges stand in their order, not in that of their numbers", () => {
  const shown = rows("lcp", [["over 2 s", 9], ["0 – 1 s", 5], ["1 – 2 s", 7]], [{ unit: "count" }]);
  assert.deepEqual(shown.map(({ value }) => value), ["0 – 1 s", "1 – 2 s", "over 2 s"]);
});

test("an amount has the currency of its row", () => {
  const [euro] = rows("currency", [["EUR", 3, 5_700]], [{ unit: "count" }, { unit: "money null" }]);
  assert.deepEqual([euro.shown, euro.numbers], ["Euro", [{ value: 3, unit: "count" }, { value: 5_700, unit: "money EUR" }]]);
});

test("a measured panel says what most views took, or how many were good", () => {
  const took = { dimensions: [], p50: 120, p75: 300, p95: 800, p99: 900, unit: "ms", ratings: null };
  assert.equal(notes({ percentiles: [took] })[0][0], "Half within 120 ms, 95% within 800 ms");
  const rated = { ...took, p75: 1_800, ratings: { good: 83, needs_improvement: 10, poor: 7 } };
  assert.equal(notes({ percentiles: [rated] })[0][0], "75% within 1.8 s · 83% good");
  assert.deepEqual([notes({}), notes({ percentiles: [] })], [[], []]);
});

test("the note about months names what the panel is crossed with", () => {
  const meta = { whole_months: true, range: ["2026-10-01", "2026-10-31"] };
  assert.match(notes(meta, "property", [["is", "event", ["signup"]]])[0][1], /^Events crossed/);
  assert.match(notes(meta, "path", [["is", "event", ["signup"]]])[0][1], /^Pages crossed/);
});
