// What stands around the panels: goals and funnels, pages that nobody opened, what is folded away.

import { optional } from "./api.js";
import { h } from "./dom.js";
import { count } from "./format.js";
import { rowList } from "./rows.js";
import { text } from "./text.js";

/** {show(state, config, folded, now)}: goals go into `goals`, quiet lines into `lines`; `now` is the instant of the numbers. */
export function below(goals, lines) {
  let asked = "";
  let found = null;
  let unopened = null;

  return {
    async show(state, config, folded, now) {
      const whole = !state.filters.length;
      goals.hidden = !whole;
      const empty = config.viewer === "owner" ? switches(folded.empty, config) : [];
      const apart = whole ? [] : folded.apart;
      const lists = () => draw(lines, [empty, apart, whole && unopened], () => [
        quiet(text.empty, empty, empty.map((name) => `${name}: ${text.how[name] ?? text.how.other}`)),
        quiet(text.apart, apart, [text.apart.why]),
        whole && unopened?.pages?.length ? notOpened(unopened) : "",
      ]);
      lists();
      const key = JSON.stringify([state.range, now]);
      if (!whole || key === asked) return;
      asked = key;
      const body = { date_range: state.range };
      const [goal, dead] = await Promise.all([optional("api/goals", body), config.viewer === "owner" && optional("api/dead", body)]);
      if (key !== asked) return;
      [found, unopened] = [goal, dead || null];
      lists();
      draw(goals, found, () => cardsOf(found));
    },
  };
}

// Countries are no dimension until a setting says how they are told.
const switches = (names, config) =>
  names.length && !config.dimensions.some(({ display }) => display === "region") ? [...names, "Countries"] : names;

// Draws again only what has changed, so that what is open stays open.
function draw(host, key, children) {
  const drawn = JSON.stringify(key);
  if (host.dataset.key === drawn) return;
  host.dataset.key = drawn;
  host.replaceChildren(...children());
}

function quiet({ words, open }, names, sentences) {
  if (!names.length) return "";
  return h("details", {}, h("summary", {}, `${words}: ${names.join(", ")} – `, h("span", { className: "link", textContent: open })),
    ...sentences.map((sentence) => h("p", { textContent: sentence })));
}

function notOpened({ pages, routes }) {
  return h("details", {}, h("summary", {}, `${text.unopened.words(count(pages.length), count(routes))} – `, h("span", { className: "link", textContent: text.unopened.open })),
    h("ul", {}, ...pages.map((page) => h("li", { textContent: page }))));
}

function cardsOf(found) {
  const words = text.goals;
  const goals = found?.goals?.length
    ? [card(words.title, [words.goal, words.count, words.conversion], found.goals.map(({ name, count: number, conversion }) => ({ name, numbers: [number, conversion] })))]
    : [];
  const funnels = (found?.funnels ?? []).map(({ name, steps }) =>
    card(name, [words.step, words.count, words.from, words.first], steps.map((step) => ({ name: step.name, numbers: [step.count, step.from_before, step.from_first] }))));
  const all = [...goals, ...funnels];
  return all.length ? [h("div", { className: "panels" }, ...all)] : [];
}

function card(title, [first, ...units], rows) {
  const list = rowList();
  const largest = Math.max(0, ...rows.map(({ numbers: [number] }) => number ?? 0));
  list.show(rows.map(({ name, numbers }) => ({
    value: name,
    shown: name,
    numbers: numbers.map((value, index) => ({ value: value ?? null, unit: index ? "percent" : "count" })),
    of: null,
    largest,
  })));
  return h("section", { className: `card panel goals${units.length > 2 ? " funnel" : ""}`, "aria-label": title },
    h("header", {}, h("h2", { textContent: title })),
    h("div", { className: "columns" }, h("span", { textContent: first }), h("span", { className: "numbers" }, ...units.map((unit) => h("span", { className: "unit-number", textContent: unit })))),
    h("div", { className: "body" }, list.element));
}
