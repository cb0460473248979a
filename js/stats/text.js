// The texts of the page in the reader's language: a file each, chosen here. One more language is a file and a row.

const LANGUAGES = {
  en: ["English", () => import("./text-en.js"), "en-GB"],
  fr: ["Français", () => import("./text-fr.js"), "fr-FR"],
};

/** What the page can speak: [[code, name], …]. */
export const languages = Object.entries(LANGUAGES).map(([code, [name]]) => [code, name]);

// The one that the URL asks for, else the first that the browser does.
const asked = /[#&]lang=(\w\w)\b/.exec(globalThis.location?.hash ?? "")?.[1];
const spoken = globalThis.navigator?.languages ?? [];

/** The language of the page: "en". */
export const language = [asked, ...spoken].map((code) => code?.slice(0, 2)).find((code) => Object.hasOwn(LANGUAGES, code ?? "")) ?? "en";

/** The reader's own variety of it, for numbers and dates: "en-GB". */
export const locale = spoken.find((code) => code.slice(0, 2) === language) ?? LANGUAGES[language][2];

/** Every sentence of the page. */
export const { text } = await LANGUAGES[language][1]();
