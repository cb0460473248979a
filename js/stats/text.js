// The texts of the page in the reader's language, chosen here. One more language is a row, its texts of the first screen and those of later.

const LANGUAGES = {
  en: ["English", "en-GB", () => import("./text-en.js"), () => import("./later-en.js")],
  fr: ["Français", "fr-FR", () => import("./text-fr.js"), () => import("./later-fr.js")],
};

/** What the page can speak: [[code, name], …]. */
export const languages = Object.entries(LANGUAGES).map(([code, [name]]) => [code, name]);

// The one that the URL asks for, else the first that the browser does.
const asked = /[#&]lang=(\w\w)\b/.exec(globalThis.location?.hash ?? "")?.[1];
const spoken = globalThis.navigator?.languages ?? [];

/** The language of the page: "en". */
export const language = [asked, ...spoken].map((code) => code?.slice(0, 2)).find((code) => Object.hasOwn(LANGUAGES, code ?? "")) ?? "en";

/** The reader's own variety of it, for numbers and dates: "en-GB". */
export const locale = spoken.find((code) => code.slice(0, 2) === language) ?? LANGUAGES[language][1];

/** The sentences of what comes after the first screen, when they are wanted. */
export const further = LANGUAGES[language][3];

/** Every sentence of the first screen. */
export const { text } = await LANGUAGES[language][2]();
