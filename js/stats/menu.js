// A button that opens a short list of choices.

import { h } from "./dom.js";

/** A menu: {element, show(label, choices, chosen)}. */
export function menu(name, onchoose) {
  const list = h("ul", { className: "choices" });
  const sheet = h("div", { className: "sheet", hidden: true }, list);
  const label = h("span", { className: "menu-label" });
  const button = h("button", { type: "button", className: "control", "aria-expanded": "false", onclick: () => open(sheet.hidden) }, label, h("span", { className: "chevron", "aria-hidden": "true" }));
  const element = h("div", { className: "menu" }, button, sheet);

  function open(wanted) {
    sheet.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
    if (!wanted) return;
    sheet.classList.remove("left");
    sheet.classList.toggle("left", sheet.getBoundingClientRect().left < 8);
    (list.querySelector("[aria-current]") ?? list.querySelector("button"))?.focus();
  }

  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !sheet.hidden) {
      open(false);
      button.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    if (sheet.hidden) return open(true);
    const buttons = [...list.querySelectorAll("button")];
    buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
  });
  element.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !element.contains(relatedTarget) && open(false));
  document.addEventListener("pointerdown", ({ target }) => !element.contains(target) && open(false));

  return {
    element,
    show(words, choices, chosen, title) {
      label.textContent = words;
      button.setAttribute("aria-label", words === "⋯" ? name : `${name}: ${words}`);
      button.title = title ?? "";
      list.replaceChildren(
        ...choices.map(([value, word]) =>
          h("li", {}, h("button", {
            type: "button", textContent: word, "aria-current": value === chosen ? "true" : null,
            onclick: () => { open(false); button.focus(); onchoose(value); },
          })),
        ),
      );
    },
  };
}
