import assert from "node:assert/strict";
import test from "node:test";

import { addMonths, bucketSpan, completedMonths, dayCount, intervalsOf, isDate, named, neighbour, spanOf, wholeMonths } from "../../js/stats/dates.js";

const config = { today: "2026-11-23", first_day: "2025-10-20" };
const today = config.today;
const dimensions = [{ name: "path", hourly: true }, { name: "browser", hourly: false }, { name: "release", hourly: true }];

test("a range of days ends today and includes it", () => {
  assert.deepEqual(spanOf("30d", config), ["2026-10-25", "2026-11-23"]);
  assert.equal(dayCount(spanOf("91d", config)), 91);
  assert.deepEqual(spanOf("day", config), ["2026-11-23", "2026-11-23"]);
});

test("a range of months starts with the first of one", () => {
  assert.deepEqual(spanOf("6mo", config), ["2026-06-01", "2026-11-23"]);
  assert.deepEqual(spanOf("12mo", config), ["2025-12-01", "2026-11-23"]);
  assert.deepEqual(spanOf("all", config), ["2025-10-20", "2026-11-23"]);
});

test("the period before has the same length and ends where this one starts", () => {
  assert.deepEqual(neighbour(["2026-10-25", "2026-11-23"], -1, today), ["2026-09-25", "2026-10-24"]);
});

test("months are stepped by months", () => {
  assert.deepEqual(neighbour(["2026-11-01", "2026-11-23"], -1, today), ["2026-10-01", "2026-10-31"]);
  assert.deepEqual(neighbour(["2026-02-01", "2026-02-28"], 1, today), ["2026-03-01", "2026-03-31"]);
  assert.deepEqual(neighbour(["2026-10-01", "2026-10-31"], 1, today), ["2026-11-01", "2026-11-23"]);
});

test("nothing lies after today", () => {
  assert.equal(neighbour(["2026-11-17", "2026-11-23"], 1, today), null);
  assert.deepEqual(neighbour(["2026-11-13", "2026-11-19"], 1, today), ["2026-11-17", "2026-11-23"]);
});

test("stepping back and forth ends at the name it began with", () => {
  for (const range of ["day", "7d", "28d", "30d", "91d", "month"]) {
    const before = neighbour(spanOf(range, config), -1, today);
    assert.equal(named(neighbour(before, 1, today), config), range);
  }
});

test("whole months are those that a range touches, the running one to date", () => {
  assert.deepEqual(wholeMonths(["2026-10-25", "2026-11-23"], today), ["2026-10-01", "2026-11-23"]);
  assert.deepEqual(wholeMonths(["2026-02-03", "2026-02-04"], today), ["2026-02-01", "2026-02-28"]);
  assert.deepEqual(completedMonths(["2026-10-25", "2026-11-23"], today), [["2026-10-01", "2026-10-31"]]);
  assert.deepEqual(completedMonths(["2026-11-17", "2026-11-23"], today), []);
});

test("the interval follows the length of the range", () => {
  const first = (range, filters = []) => intervalsOf(spanOf(range, config), { today, filters, dimensions })[0];
  assert.deepEqual(["day", "7d", "30d", "91d", "6mo", "12mo"].map((range) => first(range)), ["hour", "day", "day", "day", "week", "month"]);
});

test("hours are only where hours are kept", () => {
  const intervals = (span, filters) => intervalsOf(span, { today, filters, dimensions });
  assert.deepEqual(intervals(["2026-09-01", "2026-09-01"], []), ["day"]);
  assert.deepEqual(intervals([today, today], [["is", "path", ["/a"]]]), ["hour"]);
  assert.deepEqual(intervals([today, today], [["is", "browser", ["Firefox"]]]), ["day"]);
  assert.deepEqual(intervals([today, today], [["is", "release", ["1.2"]]]), ["hour"]);
});

test("a page crossed with something else is told by months only", () => {
  const filters = [["is", "path", ["/a"]], ["is", "browser", ["Firefox"]]];
  assert.deepEqual(intervalsOf(["2026-10-25", today], { today, filters, dimensions }), ["month"]);
});

test("a bucket is cut to the range of the chart", () => {
  assert.deepEqual(bucketSpan("2026-09-28", "week", ["2026-10-01", "2026-10-31"]), ["2026-10-01", "2026-10-04"]);
  assert.deepEqual(bucketSpan("2026-11-01", "month", ["2026-06-01", today]), ["2026-11-01", "2026-11-23"]);
});

test("a date is one that exists", () => {
  assert.deepEqual(["2026-02-28", "2026-02-30", "2026-2-3", "today", ""].map(isDate), [true, false, false, false, false]);
  assert.equal(addMonths("2026-01-31", 1), "2026-02-01");
});
