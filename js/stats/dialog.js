// A dialog: a title, a cross, and what is put into it.

import { h } from "./dom.js";
import { words as later } from "./later.js";

/** Opens a dialog of a kind with these children: {element, body, close()}; Escape, the cross and a click beside it close it. */
export function open(kind, title, ...children) {
  const close = () => element.close();
  const body = h("div", { className: "inside" }, ...children);
  const cross = h("button", { type: "button", className: "control step close", "aria-label": later.dialog.close, title: later.dialog.close, onclick: close });
  const element = h("dialog", { className: `dialog ${kind}`, "aria-labelledby": "dialog-title" }, h("header", {}, h("h2", { id: "dialog-title", textContent: title }), cross), body);
  element.addEventListener("pointerdown", (event) => event.target === element && close());
  element.addEventListener("close", () => element.remove());
  document.body.append(element);
  element.showModal();
  return { element, body, close };
}

/** A field with its label. */
export const field = (words, input) => h("label", { className: "field" }, h("span", { textContent: words }), input);

/** A button that puts `words` on the clipboard; where there is none (plain http), it selects `shown`. */
export function copyButton(words, shown, said) {
  const button = h("button", { type: "button", className: "control", textContent: said.copy, onclick: put });
  async function put() {
    try {
      await navigator.clipboard.writeText(words());
      button.textContent = said.copied;
    } catch {
      shown.select();
      button.textContent = said.select;
    }
    setTimeout(() => { button.textContent = said.copy; }, 2500);
  }
  return button;
}
