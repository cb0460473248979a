// Making elements: text goes in as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element with properties, attributes ("aria-…", "data-…", role), listeners (onclick) and children. */
export function h(name, properties = {}, ...children) {
  return filled(document.createElement(name), properties, children);
}

/** The same in SVG: every property is an attribute. */
export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** The element of the page with this id. */
export const at = (id) => document.getElementById(id);

/** Sets text only where it differs, so that a screen reader hears only news. */
export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function filled(element, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key in element && !key.includes("-")) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
