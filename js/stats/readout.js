// Reading the chart: by pointer, by thumb, by keyboard.

import { h, s } from "./dom.js";
import { change, full, signed } from "./format.js";
import { nearest } from "./scale.js";
import { text } from "./text.js";

/** A read-out over `plot`: {show(view, geometry)}; `open` is called with the label of a picked bucket. */
export function readout(plot, open) {
  const tip = h("div", { className: "tip", hidden: true, "aria-hidden": "true" });
  const spoken = h("p", { className: "hidden", role: "status" });
  plot.append(tip, spoken);
  let view = null;
  let place = null;
  let index = null;

  plot.addEventListener("pointermove", (event) => move(pointed(event)));
  plot.addEventListener("pointerdown", (event) => move(pointed(event)));
  plot.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && clear());
  plot.addEventListener("click", (event) => event.pointerType === "mouse" && openable() && open(view.labels[index]));
  plot.addEventListener("blur", clear);
  plot.addEventListener("keydown", (event) => {
    if (!view) return;
    const last = view.labels.length - 1;
    const from = index ?? (view.running >= 0 ? view.running : last) + (event.key === "ArrowLeft" ? 1 : -1);
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last, PageUp: from - 7, PageDown: from + 7 }[event.key];
    if (event.key === "Escape") clear();
    if (event.key === "Enter" && index !== null && openable()) open(view.labels[index]);
    if (to === undefined) return;
    event.preventDefault();
    move(Math.max(0, Math.min(last, to)));
    const [number, label, ...rest] = words();
    spoken.textContent = [`${number} ${label}`, ...rest].join(", ");
  });

  const openable = () => view && index !== null && view.interval !== "hour" && view.labels.length > 1;
  const pointed = (event) => {
    if (!place) return null;
    return nearest(event.clientX - plot.getBoundingClientRect().left, place.left, place.right, view.labels.length);
  };

  function clear() {
    index = null;
    tip.hidden = true;
    plot.querySelector(".cursor")?.remove();
  }

  function words() {
    const value = view.values[index];
    const before = view.before[index];
    const { unit, label } = view.metric;
    const missing = view.running >= 0 && index > view.running ? text.none : view.withheld ? text.withheld : text.none;
    const moved = before && index !== view.running ? change(value, before.value, unit) : null;
    return [
      value === null ? missing : full(value, unit),
      label.toLowerCase(),
      view.names[index] + (index === view.running ? `, ${text.soFar}` : ""),
      before && before.value !== null ? `${text.before} ${full(before.value, unit)}, ${before.name}${moved ? ` (${signed(moved, text.points)})` : ""}` : null,
      view.marks[index],
    ].filter(Boolean);
  }

  function move(to) {
    if (to === null || !view?.labels.length) return;
    index = to;
    plot.querySelector(".cursor")?.remove();
    const { x, y, top, bottom } = place;
    const value = view.values[index];
    const before = view.before[index]?.value ?? null;
    const single = view.labels.length === 1;
    if (!single) {
      plot.querySelector("svg").append(s("g", { class: "cursor" },
        s("line", { class: "hair", x1: x(index), x2: x(index), y1: top, y2: bottom }),
        ...(before === null ? [] : [s("circle", { class: "before-dot", cx: x(index), cy: y(before), r: 3 })]),
        ...(value === null ? [] : [s("circle", { class: "dot", cx: x(index), cy: y(value), r: 4.5 })])));
    }
    plot.classList.toggle("openable", Boolean(openable()));

    const [number, label, ...rest] = words();
    tip.replaceChildren(
      h("span", { className: "tip-first" }, h("b", { textContent: number }), ` ${label}`),
      ...rest.map((line) => h("span", { textContent: line })));
    tip.hidden = false;
    const half = tip.offsetWidth / 2;
    // Above both points, where a thumb does not hide it.
    const highest = Math.min(y(value ?? 0), before === null ? Infinity : y(before));
    tip.style.left = `${Math.max(half + 4, Math.min(place.width - half - 4, x(index)))}px`;
    tip.style.top = `${highest - 14 - tip.offsetHeight}px`;
  }

  return {
    /** `event` is the pointer that was there before the read-out. */
    show(nextView, nextPlace, event) {
      const held = index !== null && index < nextView.labels.length && view?.interval === nextView.interval ? index : null;
      view = nextView;
      place = nextPlace;
      clear();
      if (event?.clientX) move(pointed(event));
      else if (held !== null) move(held);
    },
  };
}
