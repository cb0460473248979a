import assert from "node:assert/strict";
import test from "node:test";

import { axisLabel, brief, bucketLabel, bucketName, change, duration, fitted, full, judged, named, share, signed, span } from "../../js/stats/format.js";
import { reading } from "../../js/stats/notes.js";

const points = ["pt", "pts"];

test("a headline is compact above 99,999 and full below", () => {
  assert.equal(brief(99_999, "count"), "99,999");
  assert.match(brief(1_234_567, "count"), /^1\.23m$/i);
  assert.equal(full(1_234_567, "count"), "1,234,567");
  assert.equal(fitted(1_234_567, "count"), "1,234,567");
});

test("a rate is in percent, a share is a fraction", () => {
  assert.equal(brief(45.6, "percent"), "46%");
  assert.equal(full(45.6, "percent"), "45.6%");
  assert.equal(brief(2, "ratio"), "2.0");
});

test("seconds are minutes and hours as soon as there are some", () => {
  assert.deepEqual([0, 45, 60, 72, 3_900, 3_601, 4_500_000].map(duration), ["0s", "45s", "1m", "1m 12s", "1h 5m", "1h 1s", "1,250h"]);
  assert.deepEqual([full, brief, axisLabel].map((show) => show(72, "seconds")), ["1m 12s", "1m 12s", "1m 12s"]);
});

test("money is counted in the smallest unit of its currency", () => {
  assert.deepEqual([full(123_450, "money EUR"), full(1_234, "money JPY"), full(12_345, "money KWD")].map((text) => text.replaceAll("\u00a0", " ")), ["€1,234.50", "JP¥1,234", "KWD 12.345"]);
  assert.equal(brief(123_400, "money EUR"), "€1,234");
  assert.match(brief(1_234_567_800, "money EUR"), /^€12\.3m$/i);
  assert.equal(full(1_234, "money null"), "1,234");
});

test("codes have the names that the reader's language has for them, and what is none stays", () => {
  assert.deepEqual([named("fr", { display: "language" }), named("FR", { display: "region" }), named("EUR", { display: "currency" })], ["French", "France", "Euro"]);
  assert.deepEqual([named("(unknown)", { display: "region" }), named("(other)", { display: "currency" }), named("FR", {})], ["(unknown)", "(other)", "FR"]);
});

test("a bound of a scale has its unit", () => {
  assert.deepEqual([reading(120, "ms"), reading(1_840, "ms"), reading(72, "s"), reading(80, "thousandths")], ["120 ms", "1.8 s", "1m 12s", "0.08"]);
});

test("a share is never shown as nothing where there is something, nor as all where something is left", () => {
  assert.deepEqual([share(1, 1_000), share(999, 1_000), share(1_000, 1_000), share(0, 10), share(1, null)], ["<1%", ">99%", "100%", "0%", ""]);
});

test("a change of a rate is in points, a change from zero is none", () => {
  assert.equal(signed(change(120, 100, "count"), points), "+20%");
  assert.equal(signed(change(43.1, 46, "percent"), points), "−3 pts");
  assert.equal(signed(change(47, 46.2, "percent"), points), "+1 pt");
  assert.equal(change(5, 0, "count"), null);
  assert.equal(change(null, 5, "count"), null);
});

test("up is not always good", () => {
  assert.deepEqual([judged("up", "up"), judged("up", "down"), judged("down", "down"), judged("up", "none"), judged("same", "up")], ["good", "bad", "good", "", ""]);
});

test("an hour is shown as the site's clock has it, whatever the zone of the reader", () => {
  assert.equal(bucketLabel("2026-11-23T14:00+01:00", "hour"), "14:00");
  assert.match(bucketName("2026-11-23T14:00+05:45", "hour"), /23 November.*14:00/);
});

test("a range of one whole month has its name", () => {
  assert.equal(span(["2026-10-01", "2026-10-31"]), "October 2026");
  assert.match(span(["2026-10-25", "2026-11-23"]), /^25 Oct\s.\s23 Nov 2026$/u);
  assert.match(bucketName("2026-09-28", "week", ["2026-10-01", "2026-10-31"]), /^1\s?.\s?4 Oct 2026$/u);
});
