// The first run: how the first view comes, while the page waits for it.

import { h } from "./dom.js";
import { text } from "./text.js";

/** Shows the card of a site where nothing has been counted yet. */
export function showFirst(host, config) {
  host.hidden = false;
  if (host.children.length) return;
  if (config.viewer === "public") {
    host.replaceChildren(h("section", { className: "card first" }, h("h2", { textContent: text.first.public })));
    return;
  }
  const script = config.collect === "script";
  host.replaceChildren(
    h("section", { className: "card first" },
      h("p", { className: "pulse", "aria-hidden": "true" }),
      h("h2", { textContent: text.first.title, role: "status" }),
      h("p", { className: "lead", textContent: script ? text.first.leadScript : text.first.lead }),
      h("p", { textContent: script ? text.first.script : text.first.server }),
      config.tag ? tag(config.tag, script) : "",
      h("p", { className: "soft", textContent: text.first.objected })));
}

/** Takes the card away. */
export function clearFirst(host) {
  host.hidden = true;
  host.replaceChildren();
}

function tag(words, required) {
  const code = h("code", { textContent: words });
  const copy = h("button", { type: "button", className: "control", textContent: text.first.copy, onclick: put });
  async function put() {
    try {
      await navigator.clipboard.writeText(words);
      copy.textContent = text.first.copied;
    } catch {
      getSelection().selectAllChildren(code); // plain http has no clipboard
      copy.textContent = text.first.copyFailed;
    }
    setTimeout(() => { copy.textContent = text.first.copy; }, 2500);
  }
  return h("div", { className: "tag" },
    h("h3", { textContent: required ? text.first.required : text.first.optional }),
    h("div", { className: "code" }, h("pre", { tabIndex: 0 }, code), copy),
    required ? "" : h("p", { className: "soft", textContent: text.first.optionalWhy }));
}
