// What comes once the first screen stands: chips, the menu of what can be done, shortcuts, dialogs, the foot.

import { below, foldedOf } from "./below.js";
import { at, h } from "./dom.js";
import { showFilters } from "./filters.js";
import { showFoot } from "./foot.js";
import { shortcuts } from "./keys.js";
import { words as later } from "./later.js";
import { menu } from "./menu.js";
import { clearFailure, showFailure } from "./notice.js";
import { valuesOf } from "./plan.js";
import { switching } from "./sites.js";

const STYLE = "assets/later.css";

/** The stylesheet of all this: there once this has come. */
export const styled = new Promise((done) => {
  document.head.append(h("link", { rel: "stylesheet", href: STYLE, onload: done, onerror: done }));
});

/**
 * {show(), fail(failure, about), dates(…), list(…)}. `page` gives what is on the page: {state, config, planned, answers, marks,
 * health, now}; `choose` takes a change of it, `pick` a row, `noted` new marks; `keys` are more shortcuts.
 */
export function rest({ page, choose, pick, noted, keys }) {
  const more = menu(later.actions, (name) => run[name]());
  const filter = h("button", { type: "button", className: "control", textContent: later.addFilter, "aria-haspopup": "dialog", onclick: () => edit(null) });
  at("doing").replaceChildren(filter, more.element);
  const folded = below(at("folded"));
  const sites = switching(() => page().state);

  async function opened(load, use) {
    const module = await load().catch(() => null);
    if (!module) return fail({ kind: navigator.onLine ? "unreachable" : "offline" }, { retry: () => location.reload() });
    await styled;
    if (!document.querySelector("dialog[open]")) return use(module);
  }

  const edit = (old) => opened(() => import("./editor.js"), (module) => module.editFilter(old, { ...page(), choose }));
  const owner = () => page().config.viewer === "owner";
  const taken = (kind) => opened(() => import("./export.js"), (module) => module.saveAll(kind, page()).catch((failure) => fail(failure, { retry: () => taken(kind) })));
  const run = {
    share: () => opened(() => import("./share.js"), (module) => module.share(page())),
    notes: () => owner() && opened(() => import("./noting.js"), (module) => module.notes({ ...page(), date: page().planned.span[1], changed: noted })),
    csv: () => taken("csv"),
    json: () => taken("json"),
    print: () => print(),
    look: () => opened(() => import("./look.js"), (module) => module.look(page().state, choose)),
    keys: () => opened(() => import("./help.js"), (module) => module.help()),
  };
  shortcuts({ "?": run.keys, f: () => edit(null), n: run.notes, s: run.share, ...keys });
  const fail = (failure, about) => showFailure(at("notice"), failure, { now: page().now, ...about });

  return {
    fail,
    clear: () => clearFailure(at("notice")),
    /** Shows what follows from an answer, or from its absence. */
    show() {
      const { state, config, answers, health } = page();
      const left = answers.totals?.results && !state.filters.length ? answers.totals.asked.metrics.indexOf("ignored") : -1;
      showFoot(at("foot"), config, { left: left < 0 ? null : answers.totals.results[0]?.metrics[left], health, imported: answers.totals?.meta?.imported });
      for (const metric of config.metrics) metric.about = later.about[metric.name] ?? metric.about;
      sites(config);
      if (!config.first_day) return;
      more.show("⋯", Object.entries(later.menu).filter(([name]) => name !== "notes" || owner()));
      showFilters(at("chips"), state.filters, config, choose, edit);
      folded.show(state, config, foldedOf(config, state, valuesOf(answers.totals)));
    },
    dates: (...asked) => opened(() => import("./calendar.js"), (module) => module.chooseDates(...asked)),
    list: (asked) => asked.view.loads ? opened(() => import("./whole.js"), (module) => module.openWhole({ ...page(), ...asked }))
      : opened(() => import("./list.js"), (module) => module.openList({ ...page(), ...asked }, { choose, pick })),
  };
}
