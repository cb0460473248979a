// Sharing: the address of this view, and links for others that end by themselves and can be revoked.

import { optional, send } from "./api.js";
import { addDays } from "./dates.js";
import { copyButton, field, open } from "./dialog.js";
import { h, say } from "./dom.js";
import { day, sentence } from "./format.js";
import { words as later } from "./later.js";
import { toFragment } from "./state.js";

const LONGEST = 366;
const USUAL = 30;

/** Opens the dialog; only the owner makes links. */
export async function share({ state, config }) {
  const words = later.sharing;
  const view = shown(location.href);
  const box = open("links", words.title,
    h("section", {}, h("h3", { textContent: words.view }), h("p", { className: "soft", textContent: config.viewer === "owner" ? words.viewWhy : "" }), h("div", { className: "find" }, view, copyButton(() => view.value, view, words))));
  if (config.viewer !== "owner") return;

  const name = h("input", { type: "text", required: true, maxLength: 64, placeholder: words.example });
  const until = h("input", { type: "date", required: true, min: config.today, max: addDays(config.today, LONGEST), value: addDays(config.today, USUAL) });
  const list = h("ul", { className: "list-of" });
  const said = h("p", { role: "status", className: "soft" });
  const form = h("form", { className: "row-of", onsubmit: make }, field(words.name, name), field(words.until, until), h("button", { className: "control primary", textContent: words.make }));
  box.body.append(h("section", {}, h("h3", { textContent: words.links }), h("p", { className: "soft", textContent: words.linksWhy }), form, said, list));

  async function make(event) {
    event.preventDefault();
    await change({ make: { name: name.value, until: until.value } });
    name.value = "";
  }

  async function change(body) {
    try {
      draw((await send("api/links", body)).links);
      say(said, "");
    } catch (failure) {
      say(said, failure.sentence ? sentence(failure.sentence) : later.dialog.failed);
    }
  }

  // A link opens the same view: what is chosen follows its key.
  const address = (token) => {
    const { origin, pathname } = location;
    return `${origin}${pathname.replace(/[^/]*$/, "")}shared${toFragment({ ...state, link: token })}`;
  };

  function draw(links) {
    list.replaceChildren(...links.map(({ name: who, token, until: end, over }) => {
      const field = shown(address(token));
      return h("li", {}, h("div", {}, h("b", {}, h("bdi", { textContent: who })), " ", h("span", { className: "soft", textContent: over ? words.ended : words.until_(day(end)) })),
        h("div", { className: "find" }, field, copyButton(() => field.value, field, words),
          h("button", { type: "button", className: "control", textContent: words.revoke, "aria-label": words.revokeOf(who), onclick: () => change({ revoke: token }) })));
    }));
    if (!links.length) list.append(h("li", { className: "soft", textContent: words.none }));
  }

  draw((await optional("api/links"))?.links ?? []);
}

const shown = (address) => h("input", { type: "text", readOnly: true, value: address, "aria-label": later.sharing.view });
