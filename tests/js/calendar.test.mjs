import assert from "node:assert/strict";
import test from "node:test";

import { firstWeekday, shortWeekdays, weeksOf } from "../../js/stats/calendar.js";

test("a week begins where the reader's does", () => {
  assert.equal(firstWeekday(), 1);
  assert.deepEqual(shortWeekdays(1), ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
  assert.equal(shortWeekdays(7)[0], "Sun");
});

test("a month has its days under their weekdays", () => {
  const monday = weeksOf("2026-11-01", 1);
  assert.deepEqual([monday.length, monday[0], monday.at(-1)[0], monday.at(-1)[1]], [6, [null, null, null, null, null, null, "2026-11-01"], "2026-11-30", null]);
  assert.deepEqual(weeksOf("2026-11-01", 7)[0][0], "2026-11-01");
  assert.deepEqual(weeksOf("2027-02-01", 1).map((week) => week.length), [7, 7, 7, 7]);
});
