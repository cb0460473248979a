// The list of panels: what each group shows, tab by tab. To add a panel, add a row; a dimension of the table is one by itself.

import { text } from "./text.js";

const only = (filters, name) => filters.length > 0 && filters.every(([, other]) => other === name);
const none = (filters) => filters.length === 0;
const has = (config, name) => config.dimensions.some((row) => row.name === name);

/**
 * Tabs beside those of the dimension table. `of` is the dimension that the rows are, `rank` the metric that ranks them, `also` one
 * that stands beside it, `needs` a total without which it says nothing; `group` is the card, `after` the tab before it (none: the first). `loads` says that its rows come from
 * elsewhere than a query: special.js makes them. `here` tells whether the site has it, `fits` whether these filters leave it.
 */
const VIEWS = [
  { name: "entry", of: "path", rank: "visits", group: "Pages", after: "path" },
  { name: "exit", of: "path", rank: "exits", group: "Pages", after: "entry" },
  { name: "dead", group: "Pages", after: "not_found", loads: true, here: ({ viewer }) => viewer === "owner", fits: none },
  { name: "slow", group: "Pages", after: "dead", loads: true, here: (config) => has(config, "served"), fits: none },
  { name: "goals", group: "Events", loads: true, here: ({ goals }) => goals?.length > 0, fits: none },
  { name: "funnels", group: "Events", after: "goals", loads: true, here: ({ funnels }) => funnels?.length > 0, fits: none },
  { name: "next", of: "path", rank: "pageviews", group: "Flow", after: "previous", here: (config) => has(config, "previous"),
    fits: (filters) => only(filters, "path"), asks: (filters) => filters.map(([operator, , values]) => [operator, "previous", values]) },
  { name: "parties", group: "Third parties", loads: true, here: (config) => has(config, "third_party"), fits: none },
  { name: "seen", of: "path", rank: "pageviews", also: ["coverage"], needs: "coverage", group: "Left out", after: "left_out", fits: none },
];

/** What the site counts in the reader's language, and `views`: every tab of every panel, each the row of its dimension and more. */
export function localised(config) {
  const { names } = text;
  const dimensions = config.dimensions.map((row) => {
    const label = names.label[row.name] ?? row.label;
    return { ...row, label, tab: names.tab[row.name] ?? label, asks: row.name, own: row.closed && Object.hasOwn(names.label, row.name) };
  });
  const metrics = config.metrics.map((row) => ({ ...row, label: names.metric[row.name] ?? row.label }));
  const views = [...dimensions];
  for (const view of VIEWS) {
    if (view.here && !view.here(config)) continue;
    const row = dimensions.find(({ name }) => name === view.of);
    if (view.of && !row) continue;
    const [tab, label] = names.view[view.name];
    const made = { ...row, told: null, ...view, name: `${view.group.split(" ")[0].toLowerCase()}:${view.name}`, asks: row?.name ?? view.name, basis: view.rank ?? "", tab, label, filtersOf: view.asks };
    const place = view.after ? views.findIndex(({ name }) => name === view.after || name.endsWith(`:${view.after}`)) + 1 : views.findIndex(({ group }) => group === view.group);
    const last = views.findLastIndex(({ group }) => group === view.group) + 1;
    views.splice(place > 0 || (place === 0 && !view.after) ? place : last || views.length, 0, made);
  }
  return { ...config, dimensions, metrics, views };
}

/** The name of a group of panels. */
export const groupName = (name) => text.names.group[name] ?? name;
