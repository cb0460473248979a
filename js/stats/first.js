// The first run: how the first view comes, while the page waits for it.

import { dimensions } from "./api.js";
import { h } from "./dom.js";
import { words as later } from "./later.js";

const WAIT = 3_000;

/** Shows the card until a view has come, then takes it away. */
export async function waitFor(host, config) {
  for (let found = config; ;) {
    showFirst(host, found);
    await new Promise((done) => setTimeout(done, WAIT));
    found = await dimensions().catch(() => found);
    if (found.first_day) break;
  }
  host.hidden = true;
  host.replaceChildren();
}

// The card of a site where nothing has been counted yet.
function showFirst(host, config) {
  host.hidden = false;
  if (host.children.length) return;
  if (config.viewer === "public") {
    host.replaceChildren(h("section", { className: "card first" }, h("h2", { textContent: later.first.public })));
    return;
  }
  const script = config.collect === "script";
  host.replaceChildren(
    h("section", { className: "card first" },
      h("p", { className: "pulse", "aria-hidden": "true" }),
      h("h2", { textContent: later.first.title, "aria-live": "polite" }),
      h("p", { className: "lead", textContent: script ? later.first.leadScript : later.first.lead }),
      h("p", { textContent: script ? later.first.script : later.first.server }),
      config.tag ? tag(config.tag, script) : "",
      h("p", { className: "soft", textContent: later.first.objected })));
}

function tag(words, required) {
  const code = h("code", { textContent: words });
  const copy = h("button", { type: "button", className: "control", textContent: later.first.copy, onclick: put });
  async function put() {
    try {
      await navigator.clipboard.writeText(words);
      copy.textContent = later.first.copied;
    } catch {
      getSelection().selectAllChildren(code); // plain http has no clipboard
      copy.textContent = later.first.copyFailed;
    }
    setTimeout(() => { copy.textContent = later.first.copy; }, 2500);
  }
  return h("div", { className: "tag" },
    h("h3", { textContent: required ? later.first.required : later.first.optional }),
    h("div", { className: "code" }, h("pre", { tabIndex: 0 }, code), copy),
    required ? "" : h("p", { className: "soft", textContent: later.first.optionalWhy }));
}
