// Right now: the views of the last minutes, of which the store keeps nothing but their number.

import { at, say } from "./dom.js";
import { count } from "./format.js";
import { text } from "./text.js";

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** Shows the views of the last 5 and 30 minutes, of an answer by the minute. */
export function showLive(answer) {
  const minutes = answer?.results?.map(({ metrics: [number] }) => number ?? 0);
  const host = at("live");
  host.hidden = !minutes;
  if (!minutes) return;
  const [five, thirty] = [sum(minutes.slice(-5)), sum(minutes)];
  say(host, `${text.live(five, count(five))} · ${text.live30(thirty, count(thirty))}`);
  host.classList.toggle("quiet", five === 0);
}
