// Numbers and dates as a person reads them. Pure, but for the language of the browser.

import { addDays, bucketSpan, stamp } from "./dates.js";
import { locale, text } from "./text.js";

const numbers = (options) => new Intl.NumberFormat(locale, options);
const whole = numbers({ maximumFractionDigits: 0 });
const compact = numbers({ notation: "compact", minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const tick = numbers({ notation: "compact", maximumFractionDigits: 2 });
export const ratio = numbers({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const exactRatio = numbers({ maximumFractionDigits: 2 });
export const percent = numbers({ style: "percent", maximumFractionDigits: 0 });
export const finePercent = numbers({ style: "percent", maximumFractionDigits: 1 });

const CODES = { language: /^[a-z]{2,3}$/, region: /^[A-Z]{2}$/, currency: /^[A-Z]{3}$/ };

const kinds = {};

/** A value as it is shown: "fr" is "French" where its dimension says that it is a language; `own` values are words of ours. */
export function named(value, { display, own } = {}) {
  if (CODES[display]?.test(value)) return (kinds[display] ??= new Intl.DisplayNames([locale], { type: display, fallback: "code" })).of(value);
  if (!own && !value.startsWith("(")) return value;
  const bound = /^over (.+)$/.exec(value)?.[1];
  return bound ? text.names.over(bound) : Object.hasOwn(text.names.value, value) ? text.names.value[value] : value;
}

const dates = (options) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
const shortDay = dates({ day: "numeric", month: "short" });
const yearDay = dates({ day: "numeric", month: "short", year: "numeric" });
const longDay = dates({ weekday: "short", day: "numeric", month: "long" });
const longYearDay = dates({ weekday: "short", day: "numeric", month: "long", year: "numeric" });
const shortMonth = dates({ month: "short" });
const yearMonth = dates({ month: "short", year: "numeric" });
const longMonth = dates({ month: "long", year: "numeric" });
const clock = dates({ hour: "2-digit", minute: "2-digit" });

/** A whole number in full: "1,234,567". */
export const count = (value) => whole.format(value);

/** Seconds as "45s", "1m 12s", "2h 5m". */
export function duration(value) {
  const seconds = Math.round(value);
  const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "m"], [seconds % 60, "s"]].filter(([number]) => number);
  return parts.slice(0, 2).map(([number, unit]) => count(number) + unit).join(" ") || "0s";
}

// "money EUR" counts the smallest unit of the euro; how many make one is what the browser knows.
function money(value, unit, options) {
  const currency = unit.slice(6);
  if (!CODES.currency.test(currency)) return whole.format(value);
  const plain = numbers({ style: "currency", currency });
  const amount = value / 10 ** plain.resolvedOptions().maximumFractionDigits;
  return (options ? numbers({ style: "currency", currency, ...options(amount) }) : plain).format(amount);
}

const short = (amount) => (Math.abs(amount) > 99_999 ? { notation: "compact", maximumSignificantDigits: 3 } : { trailingZeroDisplay: "stripIfInteger" });

/** A metric's value in full, by its unit. */
export function full(value, unit) {
  if (unit === "seconds") return duration(value);
  if (unit.startsWith("money")) return money(value, unit);
  if (unit === "percent") return finePercent.format(value / 100);
  if (unit === "ratio") return exactRatio.format(value);
  return whole.format(value);
}

/** A metric's value for a headline: compact above 99,999. */
export function brief(value, unit) {
  if (unit === "seconds") return duration(value);
  if (unit.startsWith("money")) return money(value, unit, short);
  if (unit === "percent") return percent.format(value / 100);
  if (unit === "ratio") return ratio.format(value);
  return Math.abs(value) > 99_999 ? compact.format(value) : whole.format(value);
}

/** A metric's value for a row: compact above 9,999,999, where it would no longer fit. */
export function fitted(value, unit) {
  if (unit.startsWith("money")) return money(value, unit, short);
  return Math.abs(value) > 9_999_999 ? compact.format(value) : full(value, unit);
}

/** A value on the chart's axis: "1.5K", "25%". */
export function axisLabel(value, unit) {
  if (unit === "percent") return finePercent.format(value / 100);
  if (unit === "seconds") return duration(value);
  return unit.startsWith("money") ? money(value, unit, () => ({ notation: "compact", maximumFractionDigits: 2, trailingZeroDisplay: "stripIfInteger" })) : tick.format(value);
}

/** A share as a percentage: "<1%" rather than "0%" where there is something. */
export function share(part, total) {
  if (!total || part === null) return "";
  const value = Math.min(part / total, 1);
  if (part > 0 && value < 0.005) return `<${percent.format(0.01)}`;
  if (part < total && value > 0.995) return `>${percent.format(0.99)}`;
  return percent.format(value);
}

/**
 * How a value moved: {direction: "up"|"down"|"same", amount} or null where nothing can be said.
 * Percentages move by points; a count that was zero has no percentage.
 */
export function change(now, before, unit) {
  if (now === null || before === null || before === undefined || now === undefined) return null;
  const points = unit === "percent";
  if (!points && before === 0) return now === 0 ? { direction: "same", amount: 0, points } : null;
  const amount = points ? Math.round(now - before) : Math.round((now / before - 1) * 100);
  const direction = amount > 0 ? "up" : amount < 0 ? "down" : "same";
  return { direction, amount, points };
}

/** "+12%", "−3 pts": the sign is a true minus. */
export function signed({ amount, points }, [point, several]) {
  const sign = amount > 0 ? "+" : amount < 0 ? "−" : "±";
  const size = Math.abs(amount);
  if (points) return `${sign}${size} ${size === 1 ? point : several}`;
  return size >= 1000 ? `×${exactFactor.format(amount / 100 + 1)}` : `${sign}${percent.format(size / 100)}`;
}
const exactFactor = numbers({ maximumSignificantDigits: 2, notation: "compact" });

/** "good", "bad" or "" of a movement, by what is better. */
export function judged(direction, better) {
  if (direction === "same" || better === "none" || !better) return "";
  return direction === better ? "good" : "bad";
}

// "2026-11-23T14:00+01:00" already is wall time: the offset only tells two like hours of a clock change apart.
const wall = (label) => Date.parse(`${label.slice(0, 16)}:00Z`);

/** The label of a bucket under the axis. */
export function bucketLabel(label, interval, { several = false, first = false } = {}) {
  if (interval === "hour") return several && label.slice(11, 13) === "00" ? shortDay.format(stamp(label)) : clock.format(wall(label));
  if (interval !== "month") return shortDay.format(stamp(label));
  return first || label.slice(5, 7) === "01" ? yearMonth.format(stamp(label)) : shortMonth.format(stamp(label));
}

/** The name of a bucket in the read-out: "Sat 14 November", "16 – 22 Nov 2026"; what the range cuts off is not in it. */
export function bucketName(label, interval, range) {
  if (interval === "hour") return `${longDay.format(stamp(label))}, ${clock.format(wall(label))}`;
  if (interval !== "day") return span(bucketSpan(label, interval, range));
  return longDay.format(stamp(label));
}

/** A range of dates: "25 Oct – 23 Nov 2026"; whole months by their name. */
export function span([start, end], { bare = false } = {}) {
  if (start === end) return longYearDay.format(stamp(start));
  if (start.endsWith("-01") && addDays(end, 1).endsWith("-01") && start.slice(0, 7) === end.slice(0, 7)) return longMonth.format(stamp(start));
  if (bare && start.slice(0, 4) === end.slice(0, 4)) return shortDay.formatRange(stamp(start), stamp(end));
  return yearDay.formatRange(stamp(start), stamp(end));
}

/** A date: "20 Oct 2025". */
export const day = (date) => yearDay.format(stamp(date));

/** The time of an instant as the site's clock shows it: "14:05". */
export const time = (instant) => clock.format(wall(instant));

/** What the server says, as a sentence. */
export const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1)}.`;
