import assert from "node:assert/strict";
import test from "node:test";

import { groupsOf, headlineOf, metricsUnder, panelQuery, plan, wholeFor } from "../../js/stats/plan.js";
import { initial } from "../../js/stats/state.js";

const row = (name, group, basis, metrics, alone = true) => ({ name, label: name, group, basis, metrics, alone });
const counts = ["pageviews", "visits", "views_per_visit"];
const config = {
  today: "2026-11-23", first_day: "2025-10-20", viewer: "owner",
  dimensions: [
    row("path", "Pages", "pageviews", [...counts, "bounce_rate", "coverage"]),
    row("not_found", "Pages", "misses", ["misses"]),
    row("browser", "Devices", "pageviews", counts),
    row("previous", "Flow", "pageviews", ["pageviews"], false),
    row("plan", "Customers", "pageviews", counts),
  ],
  metrics: ["pageviews", "visits", "views_per_visit", "bounce_rate", "coverage", "misses", "ignored"].map((name) => ({ name, label: name, unit: "count" })),
};
const onPath = [["is", "path", ["/a"]]];
const onBrowser = [["is", "browser", ["Firefox"]]];
const queriesOf = (state, settings = config) => new Map(plan({ ...initial, ...state }, settings).queries.map(({ name, query }) => [name, query]));

test("panels are the groups of the table in the order of their first appearance, a user's own among them", () => {
  assert.deepEqual(groupsOf(config, []).map(({ name }) => name), ["Pages", "Devices", "Customers"]);
});

test("what is only crossed shows when a path is filtered", () => {
  assert.deepEqual(groupsOf(config, onPath).map(({ name }) => name), ["Pages", "Devices", "Flow", "Customers"]);
});

test("the first screen is one batch: totals, series, live and a query for each panel", () => {
  assert.deepEqual([...queriesOf({}).keys()], ["totals", "series", "live", "panel:Pages", "panel:Devices", "panel:Customers"]);
});

test("a tab changes the query of its panel alone", () => {
  assert.deepEqual(queriesOf({ tabs: ["not_found"] }).get("panel:Pages").dimensions, ["not_found"]);
  assert.deepEqual(queriesOf({ tabs: ["not_found"] }).get("panel:Devices"), queriesOf({}).get("panel:Devices"));
});

test("a panel leaves the value chosen in it out, so that the other values stay in sight", () => {
  assert.deepEqual(panelQuery(config.dimensions[0], { ...initial, filters: onPath }).filters, []);
  assert.deepEqual(panelQuery(config.dimensions[2], { ...initial, filters: onPath }).filters, onPath);
  const part = [["contains", "path", ["docs"]]];
  assert.deepEqual(panelQuery(config.dimensions[0], { ...initial, filters: part }).filters, part);
});

test("metrics that a filtered dimension does not count are not asked for", () => {
  assert.deepEqual(metricsUnder(config, onBrowser), counts);
  assert.deepEqual(queriesOf({ filters: onBrowser }).get("series").metrics.toSorted(), counts.toSorted());
});

test("a crossed panel's shares are parts of the same whole months", () => {
  const whole = [...queriesOf({ filters: onPath }).values()].filter(({ date_range: range }) => Array.isArray(range));
  assert.deepEqual(whole.map(({ date_range: range }) => range), [["2026-10-01", "2026-11-23"]]);
});

test("the fifth headline number is what the answer can fill", () => {
  assert.equal(headlineOf(config, [], { coverage: 0.9, misses: 3 })[4], "coverage");
  assert.equal(headlineOf(config, [], { coverage: null, misses: 3 })[4], "misses");
  assert.equal(headlineOf(config, [["is", "not_found", ["/x"]]])[4], "misses");
});

test("a share has a total of the same days and filters, or none", () => {
  const range = ["2026-10-25", "2026-11-23"];
  const panel = (total, range) => ({ asked: { filters: [] }, meta: { range, total_rows: total }, results: [{ metrics: [30] }, { metrics: [20] }] });
  const totals = { asked: { metrics: ["visits", "pageviews"], dimensions: [], filters: [], date_range: "30d" }, meta: { range }, results: [{ metrics: [40, 100] }] };
  assert.equal(wholeFor(panel(9, range), "pageviews", { totals }), 100);
  assert.equal(wholeFor(panel(9, ["2026-10-01", "2026-10-31"]), "pageviews", { totals }), null);
  assert.equal(wholeFor(panel(2, ["2026-10-01", "2026-10-31"]), "pageviews", { totals }), 50);
});
