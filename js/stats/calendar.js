// Choosing two dates: a month of days that begins where the reader's week does, and two fields for the exact.

import { addDays, addMonths, monthEnd, stamp } from "./dates.js";
import { field, open } from "./dialog.js";
import { h, say } from "./dom.js";
import { day } from "./format.js";
import { words as later } from "./later.js";
import { locale } from "./text.js";

/** Opens the choice of a range, called as the texts call `title`, between `first` and `last`; `done` is called with ["2026-11-01", "2026-11-23"]. */
export function chooseDates(title, [from, to], { first, last }, done) {
  const words = later.dates;
  let chosen = [from, to];
  let begun = null; // the first of two clicks
  let month = addMonths(to, 0);

  const input = (index) => h("input", { type: "date", required: true, min: first, max: last, value: chosen[index], oninput: (event) => typed(index, event.target.value) });
  const [start, end] = [input(0), input(1)];
  const name = h("h3", { "aria-live": "polite" });
  const turn = (direction, label, kind) => h("button", { type: "button", className: `control step ${kind}`, "aria-label": label, title: label, onclick: () => { month = addMonths(month, direction); draw(); } });
  const [back, forth] = [turn(-1, words.earlier, "earlier"), turn(1, words.later, "later")];
  const grid = h("tbody");
  const table = h("table", { className: "month" },
    h("thead", {}, h("tr", {}, ...shortWeekdays(firstWeekday()).map((each) => h("th", { scope: "col", textContent: each })))), grid);
  const form = h("form", { onsubmit: submit },
    h("div", { className: "pair" }, field(words.from, start), field(words.to, end)),
    h("div", { className: "turn" }, back, name, forth), table,
    h("button", { className: "control primary", textContent: later.dialog.apply }));
  const box = open("dates", words[title], form);

  function submit(event) {
    event.preventDefault();
    box.close();
    done(chosen.toSorted());
  }

  function typed(index, value) {
    if (!value) return;
    chosen[index] = value;
    begun = null;
    month = addMonths(value, 0);
    draw();
  }

  function click(date) {
    chosen = begun ? [begun, date].toSorted() : [date, date];
    begun = begun ? null : date;
    [start.value, end.value] = chosen;
    draw(date);
  }

  // Arrow keys go from day to day, over the ends of months too.
  function moved(event, date) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (!steps) return;
    event.preventDefault();
    const next = addDays(date, steps);
    if (next < first || next > last) return;
    month = addMonths(next, 0);
    draw(next);
  }

  function draw(focused) {
    say(name, monthName(month));
    back.disabled = month <= first;
    forth.disabled = addMonths(month, 1) > last;
    const [low, high] = chosen.toSorted();
    const one = (date) => {
      if (!date) return h("td");
      const within = date >= low && date <= high;
      const button = h("button", { type: "button", textContent: String(Number(date.slice(8))), "aria-label": day(date), "aria-pressed": String(within), disabled: date < first || date > last, className: date === low || date === high ? "end" : "",
        onclick: () => click(date), onkeydown: (event) => moved(event, date) });
      return h("td", { className: within ? "within" : "" }, button);
    };
    grid.replaceChildren(...weeksOf(month, firstWeekday()).map((week) => h("tr", {}, ...week.map(one))));
    if (focused) [...grid.querySelectorAll("button")].find((button) => Number(button.textContent) === Number(focused.slice(8)))?.focus();
  }

  draw();
  return box;
}

const DAY = 86_400_000;
const names = (options) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
const monthName = (date) => names({ month: "long", year: "numeric" }).format(stamp(date));

/** The weekday that begins the reader's week, 1 for Monday, 7 for Sunday. */
export function firstWeekday() {
  const reader = new Intl.Locale(locale);
  return (reader.getWeekInfo?.() ?? reader.weekInfo)?.firstDay ?? 1;
}

/** The names of the weekdays from the first one on: "Mon", "Tue". 1970 began on a Thursday. */
export const shortWeekdays = (first) => Array.from({ length: 7 }, (_, index) => names({ weekday: "short" }).format((3 + first + index) * DAY));

/** The weeks of a month as rows of seven dates, null where a day is of another month; `first` is the weekday that begins one. */
export function weeksOf(month, first) {
  const weekday = ((stamp(month) / DAY + 3) % 7) + 1;
  const cells = Array.from({ length: (weekday - first + 7) % 7 }, () => null);
  for (let date = month; date <= monthEnd(month); date = addDays(date, 1)) cells.push(date);
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, row) => cells.slice(7 * row, 7 * row + 7));
}
