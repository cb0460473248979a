// The start: what is chosen is asked for in one request, and shown.

import * as api from "./api.js";
import { chart, legend, viewOf } from "./chart.js";
import { bucketSpan, dayCount, named } from "./dates.js";
import { at, h, say } from "./dom.js";
import { sentence } from "./format.js";
import { headline } from "./headline.js";
import { showLive } from "./live.js";
import { panels } from "./panels.js";
import { metricOf, metricsUnder, plan, possible, valuesOf } from "./plan.js";
import { rangeControls } from "./range.js";
import { fromFragment, toFragment, toggleFilter } from "./state.js";
import { language, text } from "./text.js";
import { localised } from "./views.js";

const LIVE = 10_000;

let config = null;
let state = fromFragment(location.hash);
let planned = null;
let answers = {};
let now = null; // the server's instant of the newest answers
let health = null;
let marks = [];
let request = null;
let asked = 0; // when everything was last asked for

const range = (name) => () => choose({ range: name, interval: null });
const heads = headline(at("heads"), choose);
const figure = chart(at("chart"), openBucket);
const cards = panels(at("panels"), {
  choose, pick,
  openList: async (view, answer, of) => (await rest())?.list({ view, answer, of }),
  load: () => import("./special.js"),
});
const controls = rangeControls(choose, async (...asked) => (await rest())?.dates(...asked));
const bar = h("div", { className: "controls", hidden: true }, controls.element, h("div", { className: "doing", id: "doing" }));
at("bar").append(bar);
document.documentElement.lang = language;
dress();
at("summary").setAttribute("aria-label", text.summary);
at("intervals").setAttribute("aria-label", text.intervals);
api.useLink(state.link);

// What the first screen does without. It is loaded once, and again where that failed.
let resting = null;
function rest() {
  resting ??= import("./rest.js").then((module) => module.rest({
    page: () => ({ state, config, planned, answers, marks, health, now }), choose, pick,
    noted: (changed) => { marks = changed; render(); },
    keys: {
      d: range("day"), w: range("7d"), m: range("30d"), y: range("year"), a: range("all"),
      x: () => choose({ filters: [] }), c: () => controls.compare(), i: nextInterval,
      arrowleft: () => controls.move(-1), arrowright: () => controls.move(1),
      ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((nth) => [nth, () => at("heads").children[nth - 1]?.click()])),
    },
  })).catch(() => { resting = null; });
  return resting;
}
const showRest = async () => (await rest())?.show();
const fail = async (failure, about) => (await rest())?.fail(failure, about);
const again = () => load({ quiet: true });

// Light or dark, where the address says so; else as the system has it.
function dress() {
  document.documentElement.style.colorScheme = state.look ?? "";
}

addEventListener("popstate", () => {
  state = fromFragment(location.hash);
  dress();
  api.useLink(state.link);
  document.querySelector("dialog[open]")?.close();
  load();
});
addEventListener("online", again);
addEventListener("offline", () => fail({ kind: "offline" }, { retry: again }));
document.addEventListener("visibilitychange", () => !document.hidden && tick());
setInterval(tick, LIVE);
start();

/** Reads what the site counts, then shows the page or waits for the first view. */
async function start() {
  try {
    config = localised(await api.dimensions());
  } catch (failure) {
    at("stats").classList.add("failed");
    return fail(failure, { retry: start });
  }
  at("notice").hidden = true;
  at("stats").classList.remove("failed");
  document.title = text.title(config.site);
  say(at("site"), config.site);
  if (!config.first_day) return wait();
  // On its first days a site has hours to show, and no month.
  if (!/range=/.test(location.hash) && dayCount([config.first_day, config.today]) < 3) state.range = "day";
  bar.hidden = false;
  await load();
  if (config.viewer === "public") return;
  const [found, marked] = await Promise.all([config.viewer === "owner" ? api.optional("api/health") : null, api.optional("api/marks")]);
  health = found;
  marks = marked?.marks ?? [];
  if (now) render();
  else showRest();
}

async function wait() {
  at("stats").hidden = true;
  bar.hidden = true;
  await showRest();
  try {
    await (await import("./first.js")).waitFor(at("first"), config);
  } catch {
    return fail({ kind: "unreachable" }, { retry: start });
  }
  at("stats").hidden = false;
  start();
}

/** Takes a change of what is chosen: what changes the numbers is a step in the browser's history. */
function choose(change) {
  if (!config?.first_day) return;
  const step = "range" in change || "filters" in change || "comparison" in change;
  const { tab, ...rest } = change;
  if (tab) rest.tabs = [...state.tabs.filter((name) => groupOf(name) !== groupOf(tab)), tab];
  if (rest.filters) rest.filters = possible(rest.filters, config);
  state = { ...state, ...rest };
  dress();
  const url = toFragment(state);
  history[step ? "pushState" : "replaceState"](null, "", url === "#" ? location.pathname + location.search : url);
  load();
}

/** A row was clicked: its filter comes, or goes if it was there; with `several` it comes beside the others. */
function pick(name, value, several) {
  choose({ filters: toggleFilter(state.filters, ["is", name, [value]], several) });
}

/** A point of the chart was clicked: its period opens. */
function openBucket(label) {
  choose({ range: named(bucketSpan(label, planned.interval, planned.span), config), interval: null });
}

function groupOf(name) {
  return config.views.find((view) => view.name === name)?.group;
}

/** Asks for what is not known yet, all in one request; `quiet` asks for everything again. */
async function load({ quiet = false } = {}) {
  if (!config?.first_day) return;
  state.filters = possible(state.filters, config);
  planned = plan(state, config, valuesOf(answers.totals));
  const current = planned;
  const known = ({ name, query }) => answers[name] && JSON.stringify(answers[name].asked) === JSON.stringify(query);
  const wanted = quiet ? current.queries : current.queries.filter((entry) => !known(entry));
  controls.show(state, config, current.span);
  if (now) showRest();
  request?.abort();
  if (wanted.length === 0) {
    request = null;
    busy(false);
    return render();
  }
  if (now) cards.show(current.groups, state, config, answers, now);
  const mine = new AbortController();
  request = mine;
  if (!quiet) busy(true);
  let found;
  try {
    found = await api.queries(wanted, mine.signal);
  } catch (failure) {
    if (mine.signal.aborted) return;
    busy(false);
    if (!failure.kind) throw failure;
    return fail(failure, { other: wanted.some(({ name, query }) => name === "totals" && !known({ name, query })), retry: again });
  }
  if (mine.signal.aborted) return;
  answers = Object.fromEntries(current.queries.map(({ name }) => [name, found[name] ?? answers[name]]));
  if (wanted.length === current.queries.length) asked = Date.now();
  now = Object.values(found).find(({ meta }) => meta)?.meta.now ?? now;
  busy(false);
  (await resting)?.clear();
  render();
  // Panels that the totals say have something to show, or nothing any more.
  const next = plan(state, config, valuesOf(answers.totals));
  if (next.groups.length !== current.groups.length || next.queries.some((entry) => !known(entry))) return load();
  planned = next;
  if (now && now.slice(0, 10) > config.today) nextDay();
}

// The page was left open over midnight.
async function nextDay() {
  const fresh = await api.dimensions().catch(() => null);
  if (!fresh || fresh.today <= config.today) return;
  config = localised(fresh);
  load({ quiet: true });
}

/** While the page is seen: every ten seconds the last minutes, every twenty the rest, if it can have changed. */
async function tick() {
  if (document.hidden || !config?.first_day || at("stats").getAttribute("aria-busy") || !planned) return;
  if (Date.now() - asked > 2 * LIVE - 1_000 && planned.span[1] >= config.today) return load({ quiet: true });
  const live = planned.queries.find(({ name }) => name === "live");
  try {
    answers = { ...answers, ...(await api.queries([live])) };
    showLive(answers.live);
  } catch (failure) {
    if (failure.kind) fail(failure, { retry: again });
  }
}

function render() {
  const { totals, series } = answers;
  const names = heads.names(config, state.filters, totals);
  const usable = metricsUnder(config, state.filters).filter((name) => names.includes(name));
  const chosen = usable.includes(state.metric) ? state.metric : (usable[0] ?? names[0]);
  heads.show(state, config, totals, chosen);
  showSeries(series, metricOf(config, chosen, state.filters));
  showIntervals();
  cards.show(planned.groups, state, config, answers, now);
  showLive(answers.live);
  showRest();
  at("stats").classList.remove("skeleton");
}

function showSeries(series, metric) {
  const words = series?.error ? sentence(series.error) : series?.results.length ? null : series?.meta.range ? text.noSeries : text.noMonth;
  const view = words ? null : viewOf(series, metric, series.asked.dimensions[0].slice(5), config.first_day, { marks, dayBefore: answers.dayBefore });
  if (view) figure.show(view);
  else figure.message(words);
  if (series?.meta?.range) legend(at("legend"), series, view, config);
  else at("legend").replaceChildren();
}

const ORDER = ["hour", "day", "week", "month"];

function showIntervals() {
  const host = at("intervals");
  const { intervals, interval } = planned;
  host.hidden = intervals.length < 2;
  const order = ORDER.filter((name) => intervals.includes(name));
  const key = `${order} ${interval}`;
  if (host.dataset.key === key) return;
  const held = host.contains(document.activeElement);
  host.dataset.key = key;
  host.replaceChildren(...order.map((name) =>
    h("button", { type: "button", textContent: text.interval[name], "aria-pressed": String(name === interval), onclick: () => byInterval(name) })));
  if (held) host.querySelector("[aria-pressed=true]").focus();
}

const byInterval = (name) => choose({ interval: name === planned.intervals[0] ? null : name });

function nextInterval() {
  const order = ORDER.filter((name) => planned.intervals.includes(name));
  byInterval(order[(order.indexOf(planned.interval) + 1) % order.length]);
}

function busy(on) {
  if (on) at("stats").setAttribute("aria-busy", "true");
  else at("stats").removeAttribute("aria-busy");
}
