import assert from "node:assert/strict";
import test from "node:test";

import { inRows } from "../../js/stats/api.js";

const meta = { range: ["2026-11-01", "2026-11-02"] };

test("columns are read as rows", () => {
  const columns = { dimensions: [["/", "/a"]], metrics: [[5, 3], [2, null]] };
  assert.deepEqual(inRows({ columns, meta }), { meta, results: [{ dimensions: ["/"], metrics: [5, 2] }, { dimensions: ["/a"], metrics: [3, null] }] });
  assert.deepEqual(inRows({ columns: { dimensions: [], metrics: [[7]] }, meta }), { meta, results: [{ dimensions: [], metrics: [7] }] });
  assert.deepEqual(inRows({ columns: { dimensions: [[]], metrics: [[]] }, meta }), { meta, results: [] });
});

test("what a row is compared with stands beside it; in a series, what has none has none", () => {
  const named = { dimensions: [["/"]], metrics: [[5]], comparison: { metrics: [[4]] } };
  assert.deepEqual(inRows({ columns: named, meta }).results, [{ dimensions: ["/"], metrics: [5], comparison: { dimensions: undefined, metrics: [4] } }]);
  const series = { dimensions: [["2026-11-01", "2026-11-02"]], metrics: [[5, 6]], comparison: { dimensions: [["2026-10-31", null]], metrics: [[4, null]] } };
  assert.deepEqual(inRows({ columns: series, meta }).results, [{ dimensions: ["2026-11-01"], metrics: [5], comparison: { dimensions: ["2026-10-31"], metrics: [4] } }, { dimensions: ["2026-11-02"], metrics: [6] }]);
});

test("an answer in rows, and an error, stay as they are", () => {
  for (const answer of [{ error: "no such metric" }, { results: [], meta }]) assert.deepEqual(inRows(answer), answer);
});
