// The texts of what comes after the first screen, in the language of the page.

import { further } from "./text.js";

/** Every other sentence of the page. */
export const { words } = await further();
