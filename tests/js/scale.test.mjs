import assert from "node:assert/strict";
import test from "node:test";

import { axis, labelled, nearest, runs } from "../../js/stats/scale.js";

test("an axis starts at zero, covers the largest value and has round steps", () => {
  assert.equal(axis(10_200).top, 12_500);
  assert.deepEqual(axis(1_890).ticks, [0, 500, 1_000, 1_500, 2_000]);
  for (const largest of [1, 2, 3, 7, 10, 11, 99, 101, 1_234, 98_765, 10_000_000, 3.8e9]) {
    const { ticks, top, step } = axis(largest);
    assert.equal(ticks[0], 0);
    assert.ok(top >= largest && top - step < largest, `${largest} under ${top}`);
    assert.ok(ticks.length >= 2 && ticks.length <= 7, `${largest} has ${ticks.length} ticks`);
  }
});

test("counts have no tick between whole numbers", () => {
  assert.deepEqual(axis(1).ticks, [0, 1]);
  assert.deepEqual(axis(3).ticks, [0, 1, 2, 3]);
  assert.ok(axis(10).ticks.every(Number.isInteger));
});

test("seconds have the steps of a clock", () => {
  assert.deepEqual(axis(97, { unit: "seconds" }).ticks, [0, 30, 60, 90, 120]);
  assert.deepEqual(axis(4_000, { unit: "seconds" }).ticks, [0, 1_800, 3_600, 5_400]);
});

test("nothing at all still makes an axis", () => {
  assert.deepEqual(axis(0).ticks, [0, 1]);
  assert.ok(axis(0, { unit: "percent" }).top > 0);
});

test("a percentage does not go past the whole", () => {
  assert.equal(axis(100, { unit: "percent" }).top, 100);
  assert.equal(axis(46.1, { unit: "percent" }).top, 50);
});

test("labels have the room that they ask for", () => {
  assert.deepEqual(labelled(30, 1_000, 88, "day"), [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  assert.deepEqual(labelled(24, 300, 62, "hour"), [0, 6, 12, 18]);
  assert.deepEqual(labelled(1, 300, 62, "day"), [0]);
  assert.deepEqual(labelled(0, 300, 62, "day"), []);
});

test("a line breaks where there is no value, not where there is zero", () => {
  assert.deepEqual(runs([1, 0, null, 3, null, undefined, 5, 6]), [[0, 1], [3, 3], [6, 7]]);
  assert.deepEqual(runs([null]), []);
});

test("the nearest point never lies outside", () => {
  assert.equal(nearest(-50, 0, 100, 11), 0);
  assert.equal(nearest(54, 0, 100, 11), 5);
  assert.equal(nearest(999, 0, 100, 11), 10);
  assert.equal(nearest(50, 0, 100, 1), 0);
});
