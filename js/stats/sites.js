// Several sites of one owner: the title is the switch that leads to the stats page of another.

import { at } from "./dom.js";
import { words as later } from "./later.js";
import { menu } from "./menu.js";
import { initial, toFragment } from "./state.js";

/** Shows the switch, where there are more sites than this; `state` gives what is chosen, of which what fits any site goes along. */
export function switching(state) {
  let addresses = {};
  const others = menu(later.site, (name) => name in addresses && location.assign(addresses[name] + along(state())));
  others.element.classList.add("sites");

  return ({ site, sites }) => {
    if (!sites?.length) return;
    addresses = Object.fromEntries(sites.map(({ name, address }) => [name, address]));
    // The title stays for who hears the page.
    at("site").classList.add("hidden");
    if (!others.element.isConnected) at("site").after(others.element);
    others.show(site, [site, ...Object.keys(addresses)].toSorted().map((name) => [name, name]), site);
  };
}

/** The fragment for another site: dates, language and look; its pages, tabs and links are its own. */
export const along = ({ range, comparison, interval, metric, lang, look }) => toFragment({ ...initial, range, comparison, interval, metric, lang, look });
