// The start: what is chosen is asked for in one request, and shown.

import * as api from "./api.js";
import { chart, legend, viewOf } from "./chart.js";
import { bucketSpan, named } from "./dates.js";
import { at, h, say } from "./dom.js";
import { showFilters } from "./filters.js";
import { showFoot } from "./foot.js";
import { count } from "./format.js";
import { headline } from "./headline.js";
import { clearFailure, showFailure } from "./notice.js";
import { panels } from "./panels.js";
import { foldedOf, metricOf, metricsUnder, plan, possible, valuesOf, wholeFor } from "./plan.js";
import { rangeControls } from "./range.js";
import { fromFragment, toFragment, toggleFilter } from "./state.js";
import { text } from "./text.js";

const LIVE = 10_000;
const WAIT = 3_000;

let config = null;
let state = fromFragment(location.hash);
let planned = null;
let answers = {};
let now = null; // the server's instant of the newest answers
let health = null;
let marks = [];
let request = null;
let asked = 0; // when everything was last asked for

const heads = headline(at("heads"), choose);
const figure = chart(at("chart"), openBucket);
const cards = panels(at("panels"), { choose, pick, openList });
const controls = rangeControls(choose);
let dialog = null; // the whole list, and what stands below: loaded when they are wanted
let below = null;
controls.element.hidden = true;
at("bar").append(controls.element);

addEventListener("popstate", () => { state = fromFragment(location.hash); dialog?.close(); load(); });
addEventListener("online", () => load({ quiet: true }));
document.addEventListener("visibilitychange", () => !document.hidden && tick());
setInterval(tick, LIVE);
start();

/** Reads what the site counts, then shows the page or waits for the first view. */
async function start() {
  try {
    config = await api.dimensions();
  } catch (failure) {
    at("stats").classList.add("failed");
    showFailure(at("notice"), failure, { retry: start });
    return;
  }
  clearFailure(at("notice"));
  at("stats").classList.remove("failed");
  document.title = text.title(config.site);
  say(at("site"), config.site);
  if (!config.first_day) return wait();
  controls.element.hidden = false;
  await load();
  if (config.viewer !== "owner") return;
  const [found, marked] = await Promise.all([api.optional("api/health"), api.optional("api/marks")]);
  health = found;
  marks = marked?.marks ?? [];
  if (now) render();
  else foot();
}

async function wait() {
  at("stats").hidden = true;
  controls.element.hidden = true;
  const first = await lazily(() => import("./first.js"));
  first?.showFirst(at("first"), config);
  foot();
  setTimeout(async () => {
    try {
      config = await api.dimensions();
    } catch {
      return wait();
    }
    if (!config.first_day) return wait();
    first?.clearFirst(at("first"));
    at("stats").hidden = false;
    start();
  }, WAIT);
}

/** Takes a change of what is chosen: what changes the numbers is a step in the browser's history. */
function choose(change) {
  const step = "range" in change || "filters" in change || "comparison" in change;
  const { tab, ...rest } = change;
  if (tab) rest.tabs = [...state.tabs.filter((name) => groupOf(name) !== groupOf(tab)), tab];
  if (rest.filters) rest.filters = possible(rest.filters, config);
  state = { ...state, ...rest };
  const url = toFragment(state);
  history[step ? "pushState" : "replaceState"](null, "", url === "#" ? location.pathname + location.search : url);
  load();
}

/** A row was clicked: its filter comes, or goes if it was there. */
function pick(name, value) {
  choose({ filters: toggleFilter(state.filters, ["is", name, [value]]) });
}

/** A point of the chart was clicked: its period opens. */
function openBucket(label) {
  choose({ range: named(bucketSpan(label, planned.interval, planned.span), config), interval: null });
}

function groupOf(name) {
  return config.dimensions.find((dimension) => dimension.name === name)?.group;
}

/** What a dynamic import gives; without it the page says that the server does not answer. */
async function lazily(load) {
  try {
    return await load();
  } catch {
    showFailure(at("notice"), { kind: "unreachable" }, { now, retry: () => location.reload() });
    return null;
  }
}

async function openList(dimension) {
  dialog ??= (await lazily(() => import("./list.js")))?.listDialog(at("list"), { choose, pick });
  if (!dialog) return;
  const answer = answers[`panel:${dimension.group}`];
  dialog.open(dimension, state, config, wholeFor(answer, answer?.asked.metrics[0], answers, dimension.ordered), answer);
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
  showFilters(at("chips"), state.filters, config, choose);
  request?.abort();
  if (wanted.length === 0) {
    request = null;
    busy(false);
    return render();
  }
  if (now) cards.show(current.groups, state, config, answers);
  const mine = new AbortController();
  request = mine;
  if (!quiet) busy(true);
  let found;
  try {
    found = await api.queries(wanted, mine.signal);
  } catch (failure) {
    if (mine.signal.aborted) return;
    busy(false);
    if (failure.kind) showFailure(at("notice"), failure, { now, other: wanted.some(({ name, query }) => name === "totals" && !known({ name, query })), retry: () => load({ quiet: true }) });
    else throw failure;
    return;
  }
  if (mine.signal.aborted) return;
  answers = Object.fromEntries(current.queries.map(({ name }) => [name, found[name] ?? answers[name]]));
  if (wanted.length === current.queries.length) asked = Date.now();
  now = Object.values(found).find(({ meta }) => meta)?.meta.now ?? now;
  busy(false);
  clearFailure(at("notice"));
  render();
  // Panels that the totals say have something to show, or nothing any more.
  const next = plan(state, config, valuesOf(answers.totals));
  if (next.groups.length !== current.groups.length || next.queries.some((entry) => !known(entry))) return load();
  if (now && now.slice(0, 10) > config.today) nextDay();
}

// The page was left open over midnight.
async function nextDay() {
  const fresh = await api.dimensions().catch(() => null);
  if (!fresh || fresh.today <= config.today) return;
  config = fresh;
  load({ quiet: true });
}

/** Every half minute while the page is seen: the last minutes; every minute the rest, if it can have changed. */
async function tick() {
  if (document.hidden || !config?.first_day || at("stats").getAttribute("aria-busy")) return;
  if (Date.now() - asked > 2 * LIVE - 1_000 && planned.span[1] >= config.today) return load({ quiet: true });
  const live = planned.queries.find(({ name }) => name === "live");
  try {
    answers = { ...answers, ...(await api.queries([live])) };
    showLive();
  } catch (failure) {
    if (failure.kind) showFailure(at("notice"), failure, { now, retry: () => load({ quiet: true }) });
  }
}

function render() {
  const { totals, series } = answers;
  const names = heads.names(config, state.filters, totals);
  const usable = metricsUnder(config, state.filters).filter((name) => names.includes(name));
  const chosen = usable.includes(state.metric) ? state.metric : (usable[0] ?? names[0]);
  heads.show(state, config, totals, chosen);
  const metric = metricOf(config, chosen, state.filters);
  showSeries(series, metric);
  showIntervals();
  cards.show(planned.groups, state, config, answers);
  showBelow();
  showLive();
  foot();
  at("stats").classList.remove("skeleton");
}

async function showBelow() {
  below ??= lazily(() => import("./below.js")).then((module) => module?.below(at("goals"), at("folded")));
  (await below)?.show(state, config, foldedOf(config, state, valuesOf(answers.totals)), now);
}

function showSeries(series, metric) {
  const words = series?.error ? text.error.says(series.error) : series?.results.length ? null : series?.meta.range ? text.noSeries : text.note.noMonth;
  const view = words ? null : viewOf(series, metric, planned.interval, config.first_day, marks);
  if (view) figure.show(view);
  else figure.message(words);
  if (series?.meta?.range) legend(at("legend"), series, view, config);
  else at("legend").replaceChildren();
}

function showIntervals() {
  const host = at("intervals");
  const { intervals, interval } = planned;
  host.hidden = intervals.length < 2;
  const order = ["hour", "day", "week", "month"].filter((name) => intervals.includes(name));
  const key = `${order} ${interval}`;
  if (host.dataset.key === key) return;
  const held = host.contains(document.activeElement);
  host.dataset.key = key;
  host.replaceChildren(...order.map((name) =>
    h("button", { type: "button", textContent: text.interval[name], "aria-pressed": String(name === interval), onclick: () => choose({ interval: name === intervals[0] ? null : name }) })));
  if (held) host.querySelector("[aria-pressed=true]").focus();
}

function showLive() {
  const value = answers.live?.results?.[0]?.metrics[0];
  const host = at("live");
  host.hidden = value === undefined || value === null;
  if (host.hidden) return;
  say(host, text.live(value, count(value)));
  host.classList.toggle("quiet", value === 0);
}

function foot() {
  const { totals } = answers;
  const at_ = totals?.results && !state.filters.length ? totals.asked.metrics.indexOf("ignored") : -1;
  showFoot(at("foot"), config, { left: at_ < 0 ? null : totals.results[0]?.metrics[at_], health });
}

function busy(on) {
  if (on) at("stats").setAttribute("aria-busy", "true");
  else at("stats").removeAttribute("aria-busy");
}
