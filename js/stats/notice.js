// The line that says why numbers are old, and how to try again.

import { h } from "./dom.js";
import { sentence, time } from "./format.js";
import { words as later } from "./later.js";

/** Shows a failure in `host`: `now` is the instant of the numbers that still stand, `other` that they are of another selection. */
export function showFailure(host, failure, { now, other, retry }) {
  const what = later.error[failure.kind] ?? later.error.unreachable;
  const why = failure.sentence ? sentence(failure.sentence) : typeof what === "function" ? what(failure.status) : what;
  const stands = now ? (other ? later.error.staleQuery : later.error.stale(time(now))) : later.error.empty;
  const key = `${why} ${stands}`;
  host.hidden = false;
  if (host.dataset.key === key) return;
  host.dataset.key = key;
  host.replaceChildren(
    h("p", {}, h("b", { textContent: why }), " ", stands),
    h("button", { type: "button", className: "control", textContent: later.error.retry, onclick: retry }));
}

/** Takes the line away. */
export function clearFailure(host) {
  host.hidden = true;
  delete host.dataset.key;
  host.replaceChildren();
}
