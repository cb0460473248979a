// The foot: what kind of numbers these are, and how the store is.

import { h } from "./dom.js";
import { count, span } from "./format.js";
import { words as later } from "./later.js";

/** Shows the foot; `left` is how many requests were left out, `health` what the store says, each null where not known;
 * `imported` what another tool had counted of the days that are shown. */
export function showFoot(host, config, { left, health, imported = [] }) {
  const store = health?.store;
  const warnings = [...(store && !["ok", "starting"].includes(store.state) ? [later.foot.store(store)] : []), ...(health?.warnings ?? [])];
  const key = JSON.stringify([config, left, warnings, imported]);
  if (host.dataset.key === key) return;
  host.dataset.key = key;
  host.replaceChildren(
    warnings.length ? h("ul", { className: "warnings" }, ...warnings.map((words) => h("li", { textContent: words }))) : "",
    h("p", {}, later.foot.promise, " ", config.privacy ? h("a", { href: config.privacy, textContent: later.foot.what }) : ""),
    imported.length ? h("ul", { className: "imported" }, ...imported.map((each) => h("li", { textContent: later.foot[each.lines ? "logs" : "imported"](each.tool, span([each.first, each.last])), title: each.visits }))) : "",
    h("p", {},
      h("span", { textContent: later.foot.visits }),
      config.sign_in ? h("a", { href: config.sign_in, textContent: later.foot.signIn }) : "",
      h("span", { textContent: later.foot.zone(config.timezone) }),
      config.first_day ? h("span", { textContent: later.foot.keys }) : "",
      left === null || left === undefined ? "" : h("span", { textContent: later.foot.left(count(left), left) })));
}
