// Notes on days: add, edit, delete. Only the owner opens this.

import { send } from "./api.js";
import { field, open } from "./dialog.js";
import { h, say } from "./dom.js";
import { day, sentence } from "./format.js";
import { words as later } from "./later.js";

/** Opens the dialog: `marks` are those of the chart, `changed` is called with the new ones; `date` is the day that is offered. */
export function notes({ config, marks, date, changed }) {
  const words = later.notes;
  let old = null; // the note that is edited
  const when = h("input", { type: "date", required: true, max: config.today, value: date });
  const what = h("input", { type: "text", required: true, maxLength: 64, placeholder: words.example });
  const put = h("button", { className: "control primary", textContent: words.add });
  const stop = h("button", { type: "button", className: "control", textContent: later.dialog.cancel, hidden: true, onclick: () => edit(null) });
  const said = h("p", { role: "status", className: "soft" });
  const list = h("ul", { className: "list-of" });
  const form = h("form", { className: "row-of", onsubmit: submit }, field(words.day, when), field(words.what, what), h("div", { className: "buttons" }, put, stop));
  open("noting", words.title, h("p", { className: "soft", textContent: `${words.lead} ${words.releases}` }), form, said, list);

  async function submit(event) {
    event.preventDefault();
    if (await change({ add: { day: when.value, text: what.value }, ...(old ? { remove: old } : {}) })) edit(null);
  }

  async function change(body) {
    try {
      marks = (await send("api/marks", body)).marks;
    } catch (failure) {
      say(said, failure.sentence ? sentence(failure.sentence) : later.dialog.failed);
      return false;
    }
    say(said, "");
    changed(marks);
    draw();
    return true;
  }

  function edit(note) {
    old = note;
    when.value = note?.day ?? date;
    what.value = note?.text ?? "";
    put.textContent = note ? words.save : words.add;
    stop.hidden = !note;
    what.focus();
  }

  function draw() {
    const own = marks.filter(({ kind }) => kind === "note").toReversed();
    list.replaceChildren(...own.map(({ day: date_, text: note }) => {
      const named = `${day(date_)}: ${note}`;
      const button = (label, name, onclick) => h("button", { type: "button", className: "link", textContent: label, "aria-label": name, onclick });
      return h("li", { className: "line" }, h("span", {}, h("span", { className: "soft", textContent: day(date_) }), " ", h("bdi", { textContent: note })),
        h("span", { className: "buttons" }, button(words.edit, words.editOf(named), () => edit({ day: date_, text: note })), button(words.remove, words.removeOf(named), () => change({ remove: { day: date_, text: note } }))));
    }));
    if (!own.length) list.append(h("li", { className: "soft", textContent: words.none }));
  }

  draw();
  what.focus();
}
