import assert from "node:assert/strict";
import test from "node:test";

import { foldedOf } from "../../js/stats/below.js";
import { begun, currencyOf, groupsOf, headlineOf, metricOf, metricsOf, metricsUnder, panelQuery, plan, possible, shownIn, wholeFor } from "../../js/stats/plan.js";
import { initial } from "../../js/stats/state.js";
import { localised } from "../../js/stats/views.js";

const row = (name, group, basis, metrics, { alone = true, by = "path", ...more } = {}) => ({ name, label: name, group, basis, metrics, alone, by, ...more });
const counts = ["pageviews", "visits", "views_per_visit"];
const config = localised({
  today: "2026-11-23", first_day: "2025-10-20", viewer: "owner",
  dimensions: [
    row("path", "Pages", "pageviews", [...counts, "bounce_rate", "coverage", "measured", "time_on_page", "exits"], { by: "" }),
    row("not_found", "Pages", "misses", ["misses"]),
    row("browser", "Devices", "pageviews", counts),
    row("previous", "Flow", "pageviews", ["pageviews"], { alone: false }),
    row("event", "Events", "events", ["events"]),
    row("property", "Events", "events", ["events"], { alone: false, by: "event" }),
    row("currency", "Events", "events", ["events", "amount"], { by: null, display: "currency" }),
    row("visible", "Engagement", "measured", ["measured"], { ordered: true, values: ["0 – 5 s", "over 5 s"] }),
    row("plan", "Customers", "pageviews", counts),
  ],
  metrics: [...counts, "bounce_rate", "coverage", "misses", "ignored", "events", "measured", "time_on_page", "exits", "amount"].map((name) => ({ name, label: name, unit: name === "amount" ? "money" : "count", of_site: name !== "amount" })),
});
const onPath = [["is", "path", ["/a"]]];
const onEvent = [["is", "event", ["signup"]]];
const onEuro = [["is", "currency", ["EUR"]]];
const onBrowser = [["is", "browser", ["Firefox"]]];
const queriesOf = (state, settings = config) => new Map(plan({ ...initial, ...state }, settings).queries.map(({ name, query }) => [name, query]));

const all = { pageviews: 9, visits: 9, misses: 9, events: 9, measured: 9 };
const namesOf = (filters, values = all) => groupsOf(config, { filters }, values).map(({ name, views }) => `${name}: ${views.map(({ name: each }) => each)}`);

test("panels are the groups of the table in the order of their first appearance, a user's own among them", () => {
  assert.deepEqual(namesOf([]), ["Pages: path,pages:entry,pages:exit,not_found,pages:dead", "Devices: browser", "Events: event,currency", "Engagement: visible", "Customers: plan"]);
});

test("what is only crossed shows where what it is crossed with is filtered", () => {
  assert.deepEqual(namesOf(onPath), ["Pages: path,pages:entry,pages:exit,not_found", "Devices: browser", "Flow: previous,flow:next", "Events: event", "Engagement: visible", "Customers: plan"]);
  assert.deepEqual(namesOf(onEvent), ["Pages: path", "Events: event,property"]);
  assert.deepEqual(namesOf([...onEvent, ["is", "property", ["plan=pro"]]]), ["Events: event,property"]);
});

test("a filter goes where what it needs has gone", () => {
  const onProperty = ["is", "property", ["plan=pro"]];
  assert.deepEqual(possible([...onEvent, onProperty], config), [...onEvent, onProperty]);
  assert.deepEqual(possible([onProperty, ...onPath], config), onPath);
});

test("what has no count is folded, and so is what is not kept with the filter", () => {
  const quiet = { ...all, misses: 0, events: 0, measured: 0 };
  assert.deepEqual(namesOf([], quiet), ["Pages: path,pages:entry,pages:exit,pages:dead", "Devices: browser", "Customers: plan"]);
  assert.deepEqual(foldedOf(config, { filters: [] }, quiet), { empty: ["Events", "Engagement", "Left out"], apart: ["Flow"] });
  assert.deepEqual(foldedOf(config, { filters: onEvent }, { events: 9 }), { empty: [], apart: ["Devices", "Flow", "Engagement", "Customers"] });
});

test("until the totals are known, only panels that every site fills are asked for", () => {
  assert.deepEqual([...queriesOf({}).keys()], ["totals", "series", "live", "panel:Pages", "panel:Devices", "panel:Customers"]);
  const known = plan({ ...initial }, config, all).queries.map(({ name }) => name);
  assert.deepEqual(known, ["totals", "series", "live", "panel:Pages", "panel:Devices", "panel:Events", "panel:Engagement", "panel:Customers"]);
});

test("two dimensions have metrics together where one is crossed with the other", () => {
  assert.deepEqual(metricsOf(["event", "path"], config), ["events"]);
  assert.deepEqual(metricsOf(["path", "visible"], config), ["measured"]);
  assert.deepEqual(metricsOf(["browser", "event"], config), []);
  assert.deepEqual(metricsOf(["currency", "path"], config), []);
  assert.deepEqual(metricsOf(["property"], config), []);
});

test("amounts are those of one currency, or stand beside each currency", () => {
  const currency = config.views.find(({ name }) => name === "currency");
  assert.deepEqual(shownIn(currency, [], config), ["events", "amount"]);
  assert.equal(metricsUnder(config, []).includes("amount"), false);
  assert.equal(headlineOf(config, onEuro)[4], "amount");
  assert.equal(metricOf(config, "amount", onEuro).unit, "money EUR");
  assert.equal(currencyOf(config, [["is", "currency", ["EUR", "GBP"]]]), null);
});

test("a tab changes the query of its panel alone", () => {
  assert.deepEqual(queriesOf({ tabs: ["not_found"] }).get("panel:Pages").dimensions, ["not_found"]);
  assert.deepEqual(queriesOf({ tabs: ["not_found"] }).get("panel:Devices"), queriesOf({}).get("panel:Devices"));
});

test("a panel leaves the value chosen in it out, so that the other values stay in sight", () => {
  assert.deepEqual(panelQuery(config.views[0], { ...initial, filters: onPath }).filters, []);
  assert.deepEqual(panelQuery(config.dimensions[2], { ...initial, filters: onPath }).filters, onPath);
  const part = [["contains", "path", ["docs"]]];
  assert.deepEqual(panelQuery(config.views[0], { ...initial, filters: part }).filters, part);
});

test("metrics that a filtered dimension does not count are not asked for", () => {
  assert.deepEqual(metricsUnder(config, onBrowser), counts);
  assert.deepEqual(queriesOf({ filters: onBrowser }).get("series").metrics.toSorted(), counts.toSorted());
});

test("a crossed panel's shares are parts of the same whole months", () => {
  const whole = [...queriesOf({ filters: onPath }).values()].filter(({ date_range: range, metrics: [metric] }) => Array.isArray(range) && metric === "pageviews");
  assert.deepEqual(whole.map(({ date_range: range }) => range), [["2026-10-01", "2026-11-23"]]);
});

test("the fifth headline number is what the answer can fill", () => {
  assert.equal(headlineOf(config, [], { coverage: 0.9, misses: 3 })[4], "coverage");
  assert.equal(headlineOf(config, [], { coverage: null, misses: 3 })[4], "misses");
  assert.equal(headlineOf(config, [], { time_on_page: 72, coverage: 0.9, misses: 3 })[4], "time_on_page");
  assert.equal(headlineOf(config, onEvent, { events: 3 })[4], "events");
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

test("a tab that is not a dimension asks for its dimension by its own metric", () => {
  const entry = queriesOf({ tabs: ["pages:entry"] }).get("panel:Pages");
  assert.deepEqual([entry.dimensions, entry.metrics, entry.order_by], [["path"], ["visits"], [["visits", "desc"]]]);
  const next = queriesOf({ filters: onPath, tabs: ["flow:next"] }).get("panel:Flow");
  assert.deepEqual([next.dimensions, next.filters], [["path"], [["is", "previous", ["/a"]]]]);
});

test("goals come first where there are some, and are asked for by no query", () => {
  const settings = localised({ ...config, goals: ["sign-up"], funnels: [] });
  const events = groupsOf(settings, { filters: [] }, all).find(({ name }) => name === "Events");
  assert.deepEqual(events.views.map(({ name }) => name), ["events:goals", "event", "currency"]);
  assert.equal(queriesOf({ tabs: ["events:goals"] }, settings).has("panel:Events"), false);
});

test("a panel is compared as the page is, and a day that is not over has all of the day before", () => {
  assert.deepEqual(queriesOf({ comparison: "previous_year" }).get("panel:Pages").include, { total_rows: true, comparison: "previous_year" });
  assert.deepEqual(queriesOf({ range: "day" }).get("dayBefore").date_range, ["2026-11-22", "2026-11-22"]);
  assert.equal(queriesOf({ range: "7d" }).has("dayBefore"), false);
  assert.equal(begun({ meta: { range: ["2026-11-23", "2026-11-23"] } }, config), true);
});

test("kinds of event have no total of their own: a share needs all of them", () => {
  const panel = (total) => ({ asked: { filters: [] }, meta: { range: [], total_rows: total }, results: [{ metrics: [30] }, { metrics: [20] }] });
  assert.deepEqual([wholeFor(panel(2), "events", {}), wholeFor(panel(3), "events", {})], [50, null]);
});

test("a tab whose neighbour is not there stands last in its group", () => {
  const guest = localised({ ...config, viewer: "guest", dimensions: [...config.dimensions, row("served", "Server", "pageviews", counts)] });
  const pages = guest.views.filter(({ group }) => group === "Pages").map(({ name }) => name);
  assert.deepEqual(pages, ["path", "pages:entry", "pages:exit", "not_found", "pages:slow"]);
});
