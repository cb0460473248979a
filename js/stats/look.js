// The look of the page and its language: as the browser has them, or as the address says.

import { field, open } from "./dialog.js";
import { h } from "./dom.js";
import { words as later } from "./later.js";
import { languages } from "./text.js";

/** Opens the dialog; `choose` takes the change. The language is read when the page is. */
export function look(state, choose) {
  const words = later.look;
  const select = (now, choices, onchange) =>
    h("select", { onchange: (event) => onchange(event.target.value || null) }, ...choices.map(([value, label]) => h("option", { value, textContent: label, selected: value === (now ?? "") })));
  const looks = select(state.look, [["", words.system], ["light", words.light], ["dark", words.dark]], (value) => choose({ look: value }));
  const tongues = select(state.lang, [["", words.browser], ...languages], (value) => { choose({ lang: value }); location.reload(); });
  open("dates", words.title, field(words.look, looks), field(words.language, tongues), h("p", { className: "soft", textContent: words.why }));
}
