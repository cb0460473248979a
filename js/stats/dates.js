// Calendar arithmetic on "2026-11-23" dates: what a range covers, its neighbours, its intervals. Pure.

const DAY = 86_400_000;

/** The names of the ranges, in the order of the picker. */
export const RANGES = ["day", "7d", "28d", "30d", "91d", "month", "6mo", "12mo", "year", "all"];

/** How many days back an hour is kept. */
export const HOURS_KEPT = 35;

/** Milliseconds of a date at UTC midnight; the time zone of the site is already in the label. */
export const stamp = (date) => Date.parse(`${date.slice(0, 10)}T00:00:00Z`);

const iso = (milliseconds) => new Date(milliseconds).toISOString().slice(0, 10);

/** True for a date that exists, such as "2026-02-28". */
export function isDate(text) {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(stamp(text)) && iso(stamp(text)) === text;
}

/** The date `days` after `date`. */
export const addDays = (date, days) => iso(stamp(date) + days * DAY);

/** The number of days of a range, both ends included. */
export const dayCount = ([start, end]) => Math.round((stamp(end) - stamp(start)) / DAY) + 1;

/** The first day of the month `months` after the month of `date`. */
export function addMonths(date, months) {
  const [year, month] = date.split("-").map(Number);
  return iso(Date.UTC(year, month - 1 + months, 1));
}

const monthStart = (date) => addMonths(date, 0);

/** The last day of the month of a date. */
export const monthEnd = (date) => addDays(addMonths(date, 1), -1);
const earliest = (a, b) => (a < b ? a : b);
const latest = (a, b) => (a > b ? a : b);

/** The first and last day of a range; `config` has `today` and `first_day`. */
export function spanOf(range, { today, first_day: first }) {
  if (Array.isArray(range)) return range;
  const days = /^(\d+)d$/.exec(range);
  const months = /^(\d+)mo$/.exec(range);
  if (days) return [addDays(today, 1 - Number(days[1])), today];
  if (months) return [addMonths(today, 1 - Number(months[1])), today];
  if (range === "month") return [monthStart(today), today];
  if (range === "year") return [`${today.slice(0, 4)}-01-01`, today];
  if (range === "all") return [earliest(first ?? today, today), today];
  return [today, today];
}

/** The whole calendar months that a span touches, the running one to date. */
export function wholeMonths([start, end], today) {
  return [monthStart(start), end > monthStart(today) ? today : earliest(monthEnd(end), today)];
}

/** The completed calendar months that a span touches, as a list of one span or none. */
export function completedMonths([start, end], today) {
  const last = earliest(monthEnd(end), addDays(monthStart(today), -1));
  return last > start ? [[monthStart(start), last]] : [];
}

const isMonths = ([start, end], today) =>
  start === monthStart(start) && (end === monthEnd(end) || end === today) && dayCount([start, end]) > 7;

/** The span before (`step` -1) or after (`step` 1): by months where the span is whole months; null past today. */
export function neighbour(span, step, today) {
  const [start, end] = span;
  if (step > 0 && end >= today) return null;
  if (isMonths(span, today)) {
    const count = 1 + (Number(end.slice(0, 4)) - Number(start.slice(0, 4))) * 12 + Number(end.slice(5, 7)) - Number(start.slice(5, 7));
    const next = addMonths(start, step * count);
    return [next, earliest(addDays(addMonths(next, count), -1), today)];
  }
  const days = dayCount(span);
  if (step > 0 && addDays(end, days) > today) return [addDays(today, 1 - days), today];
  return [addDays(start, step * days), addDays(end, step * days)];
}

/** The name of a span where it has one ("30d"), else the span itself: so that stepping back and forth ends where it began. */
export function named(span, config) {
  const match = RANGES.find((name) => {
    if (name === "all") return false;
    const [start, end] = spanOf(name, config);
    return start === span[0] && end === span[1];
  });
  return match ?? span;
}

/** The intervals that a chart of this span may have; the first is the one to use unless another is asked for. */
export function intervalsOf(span, { today, viewer, filters, dimensions }) {
  const days = dayCount(span);
  const names = filters.map(([, name]) => name);
  if (new Set(names).size > 1 || (viewer === "public" && filters.length)) return ["month"];
  const hourly = dimensions.filter(({ name }) => names.includes(name)).every(({ hourly }) => hourly);
  const hours = hourly && span[0] > addDays(today, -HOURS_KEPT);
  if (days <= 2) return hours ? ["hour"] : ["day"];
  if (days <= 14) return hours ? ["day", "hour"] : ["day"];
  if (days <= HOURS_KEPT) return hours ? ["day", "week", "hour"] : ["day", "week"];
  if (days <= 91) return ["day", "week", "month"];
  if (days <= 200) return ["week", "day", "month"];
  return ["month", "week", "day"];
}

/** The span of one bucket of a chart, cut to the range of the chart. */
export function bucketSpan(label, interval, [first, last]) {
  const start = label.slice(0, 10);
  const end = { hour: start, day: start, week: addDays(start, 6), month: monthEnd(start) }[interval];
  return [latest(start, first), earliest(end, last)];
}
