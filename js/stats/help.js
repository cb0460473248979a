// The list of keyboard shortcuts.

import { open } from "./dialog.js";
import { h } from "./dom.js";
import { words as later } from "./later.js";

/** Opens it. */
export const help = () =>
  open("keys", later.keys.title,
    h("dl", {}, ...later.keys.list.map(([keys, what]) => h("div", {}, h("dt", {}, ...keys.split(" ").map((key) => h("kbd", { textContent: key }))), h("dd", { textContent: what })))),
    h("p", { className: "soft", textContent: later.keys.chart }));
