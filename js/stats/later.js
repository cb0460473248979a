// The texts of what comes after the first screen, in the language of the page.

import { language } from "./text.js";

const LANGUAGES = { en: () => import("./later-en.js"), fr: () => import("./later-fr.js") };

/** Every other sentence of the page. */
export const { words } = await LANGUAGES[language]();
