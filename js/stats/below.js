// What stands below the panels: what is folded away, and why.

import { h } from "./dom.js";
import { words as later } from "./later.js";
import { groupsOf, grouped, kept } from "./plan.js";
import { groupName } from "./views.js";

/** {show(state, config, folded)}: quiet lines in `host`. */
export function below(host) {
  let drawn = "";
  return {
    show(state, config, folded) {
      const whole = !state.filters.length;
      const empty = config.viewer === "owner" ? switches(folded, config, whole) : [];
      const apart = whole ? [] : folded.apart;
      const key = JSON.stringify([empty, apart]);
      // Drawn again only where it has changed, so that what is open stays open.
      if (key === drawn) return;
      drawn = key;
      host.replaceChildren(
        quiet(later.empty, empty, empty.map((name) => `${groupName(name)}: ${later.how[name] ?? later.how.other}`)),
        quiet(later.apart, apart, [later.apart.why]));
    },
  };
}

const THIRD = "Third parties";

// Countries and third parties are no dimension until a setting says so, and goals none at all. The panel of third parties says
// itself that there are none.
function switches({ empty, apart }, config, whole) {
  const countries = config.dimensions.some(({ display }) => display === "region") ? [] : ["Countries"];
  const goals = config.goals?.length ? [] : ["Goals"];
  const third = config.views.some(({ group }) => group === THIRD) ? [] : [THIRD];
  const quietly = empty.filter((name) => name !== THIRD);
  return whole ? [...quietly, ...goals, ...countries, ...apart.filter((name) => name === "Flow"), ...third] : quietly;
}

function quiet({ words, open }, names, sentences) {
  if (!names.length) return "";
  return h("details", {}, h("summary", {}, `${words}: ${names.map(groupName).join(", ")} – `, h("span", { className: "link", textContent: open })),
    ...sentences.map((sentence) => h("p", { textContent: sentence })));
}

/** The names of the groups that show nothing: `empty` without a count so far, `apart` not kept with these filters. */
export function foldedOf(config, { filters }, values) {
  const shown = groupsOf(config, { filters }, values).filter(({ views }) => views.some(({ loads }) => !loads)).map(({ name }) => name);
  const able = grouped(config, (view) => !view.loads && kept(view, filters, config)).map(({ name }) => name);
  const all = [...new Set(config.dimensions.map(({ group }) => group))];
  const apart = all.filter((name) => !able.includes(name));
  return { empty: able.filter((name) => !shown.includes(name)), apart };
}
