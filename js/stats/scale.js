// The arithmetic of the chart's axes: where ticks stand and what they are. Pure.

/** A zero-based axis that covers `largest` in `count` steps or one more, of 1, 2, 2.5 or 5 × 10ⁿ. */
export function axis(largest, { count = 4, unit = "count" } = {}) {
  const ceiling = unit === "percent" ? Math.min(Math.max(largest, 1), 100) : largest;
  const rough = (ceiling > 0 ? ceiling : 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const whole = unit !== "percent" && unit !== "ratio";
  const fits = (size) => (!whole || Number.isInteger(size)) && Math.ceil(ceiling / size - 1e-9) <= count + 1;
  const sizes = [1, 2, 2.5, 5, 10, 100].map((factor) => factor * power);
  const step = (unit === "seconds" ? TIMES : sizes).find(fits) ?? sizes.find(fits) ?? 1;
  const steps = Math.max(1, Math.ceil(ceiling / step - 1e-9));
  const ticks = Array.from({ length: steps + 1 }, (_, index) => tidy(index * step));
  return { top: ticks.at(-1), step: tidy(step), ticks };
}

const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18_000, 36_000];

// 0.1 + 0.2 is no label.
const tidy = (number) => Number(number.toPrecision(12));

const STRIDES = {
  hour: [1, 2, 3, 4, 6, 12, 24, 48, 72, 168],
  day: [1, 2, 3, 5, 7, 10, 14, 15, 30, 61, 91, 182, 365],
  week: [1, 2, 3, 4, 6, 8, 13, 26, 52],
  month: [1, 2, 3, 4, 6, 12, 24],
};

/** The indexes of the `count` points that get a label, so that each has `room` pixels of `width`. */
export function labelled(count, width, room, interval) {
  if (count < 2) return count ? [0] : [];
  const gap = width / (count - 1);
  const stride = STRIDES[interval].find((size) => size * gap >= room) ?? count;
  return Array.from({ length: Math.ceil(count / stride) }, (_, index) => index * stride);
}

/** The runs of neighbouring numbers among values of which some are null: [[first, last], …]. */
export function runs(values) {
  const found = [];
  values.forEach((value, index) => {
    if (value === null || value === undefined) return;
    const last = found.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else found.push([index, index]);
  });
  return found;
}

/** The index of the point nearest to `x`, of `count` points spread evenly from `left` to `right`. */
export function nearest(x, left, right, count) {
  if (count < 2) return 0;
  const index = Math.round(((x - left) / (right - left)) * (count - 1));
  return Math.max(0, Math.min(count - 1, index));
}
