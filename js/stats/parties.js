// The panel of third parties: whose they are, which pages load from them, and whether anybody has agreed to it.

import { optional } from "./api.js";
import { stamp } from "./dates.js";
import { h } from "./dom.js";
import { count, day, exactRatio } from "./format.js";
import { words as later } from "./later.js";
import { language, locale, text } from "./text.js";

const named = new Intl.DateTimeFormat(locale, { timeZone: "UTC", month: "long", year: "numeric" });

// "October 2026", "October – November 2026".
const month = (first, last = first) => named.formatRange(stamp(`${first}-01`), stamp(`${last}-01`));

/** What special.js shows: {children, tables, notes, calm} or null where it cannot be had. */
export async function parties() {
  const found = await optional(`api/exposure?lang=${language}`);
  if (!found?.months) return null;
  const words = later.parties;
  const { third_parties: rows, unnamed_reports: unnamed } = found;
  return {
    children: rows.length ? [head(words), h("ol", { className: "parties" }, ...rows.map((row) => h("li", {}, party(row, found, words))))] : [],
    tables: [{ head: [words.host, words.rate], keys: ["reports_per_document"], rows: rows.map(({ host, reports_per_document: value }) => ({ name: host, numbers: [{ value, unit: "ratio" }] })) }],
    notes: [
      [words.asked(count(found.sampled), found.sampled), words.askedWhy(month(found.months[0], found.months.at(-1)))],
      ...(unnamed ? [[words.unnamed(count(unnamed), unnamed), words.unnamedWhy]] : []),
      ...(rows.length ? [[words.from, words.fromWhy(found.companies_from)]] : []),
    ],
    calm: words.none,
  };
}

const head = (words) =>
  h("div", { className: "columns" }, h("span", { textContent: words.host }), h("span", { className: "unit-number", textContent: words.rate, title: words.rateWhy }));

function party(row, { kinds, categories }, words) {
  const labels = (names) => names.map((kind) => kinds[kind].label.toLowerCase()).join(", ");
  const whose = [row.company ?? words.unknown, row.category && categories[row.category], labels(row.kinds)].filter(Boolean).join(" · ");
  const states = [row.accepted ? "accepted" : "found", row.new && "new"].filter(Boolean);
  const rate = row.reports_per_document;
  return h("details", { className: "party" },
    h("summary", {},
      h("span", { className: "who" }, h("bdi", { textContent: row.host }), ...states.map((name) => h("span", { className: `state ${name}`, textContent: words.state[name] })), h("span", { className: "soft", textContent: whose })),
      h("span", { className: "number", textContent: rate === null ? text.none : exactRatio.format(rate) })),
    h("div", { className: "about" },
      ...row.kinds.map((kind) => h("p", { textContent: kinds[kind].gets })),
      h("ul", {}, ...row.paths.map((page) => h("li", {}, h("bdi", { textContent: page.path }), ` – ${labels(page.kinds)}`)),
        row.total_paths > row.paths.length && h("li", { textContent: words.more(count(row.total_paths - row.paths.length)) })),
      h("p", { textContent: `${words.reports(count(row.reports), row.reports)}, ${words.seen(seen(row.first_seen), seen(row.last_seen))}` }),
      row.purpose && h("p", { textContent: words.purpose(row.purpose) }),
      row.contract && h("p", { textContent: words.contract(row.contract) })));
}

// A day; or a month, where its quiet days have been closed.
const seen = (when) => (when.length > 7 ? day(when) : month(when));
