import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const folder = new URL("../../js/stats/", import.meta.url);
const codes = readdirSync(folder).flatMap((name) => /^text-(\w+)\.js$/.exec(name)?.[1] ?? []);
const tables = await Promise.all(codes.flatMap((code) => [`text-${code}.js`, `later-${code}.js`]).map(async (name) => [name, Object.values(await import(new URL(name, folder)))[0]]));

// What the server names in English: another language names more of it, and English a few.
const OPEN = ["names.group", "names.tab", "names.label", "names.metric", "names.value", "about"];

const keys = (value, path = "") =>
  OPEN.includes(path) || value === null || typeof value !== "object" ? [`${path}: ${Array.isArray(value) ? `list of ${value.length}` : typeof value === "function" ? `function of ${value.length}` : typeof value}`]
    : Array.isArray(value) ? [`${path}: list of ${value.length}`] : Object.entries(value).flatMap(([key, each]) => keys(each, path ? `${path}.${key}` : key));

test("there is English, and at least one language more", () => {
  assert.ok(codes.includes("en") && codes.length > 1);
});

for (const kind of ["text", "later"]) {
  const [, english] = tables.find(([name]) => name === `${kind}-en.js`);
  for (const [name, table] of tables.filter(([other]) => other.startsWith(`${kind}-`))) {
    test(`${name} has every key of the English, of the same shape, and none more`, () => {
      assert.deepEqual(keys(table).toSorted(), keys(english).toSorted());
    });
  }
}

test("a language is a row of text.js and two files, and may be asked for by the address", async () => {
  const { languages } = await import(new URL("text.js", folder));
  assert.deepEqual(languages.map(([code]) => code).toSorted(), codes.toSorted());
  for (const code of codes) assert.match(readFileSync(new URL("text.js", folder), "utf8"), new RegExp(`${code}: \\[.*text-${code}\\.js.*later-${code}\\.js`));
});

// Every property of a table that a module reads is there.
test("no module asks for a sentence that is not there", () => {
  const known = { text: new Set(keys(tables.find(([name]) => name === "text-en.js")[1]).map((key) => key.split(/[.:]/)[0])), later: new Set(keys(tables.find(([name]) => name === "later-en.js")[1]).map((key) => key.split(/[.:]/)[0])) };
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".js") && !/^(text|later)/.test(each))) {
    const code = readFileSync(new URL(name, folder), "utf8");
    for (const [, table, key] of code.matchAll(/(?<![\w.])(text|later)\.(\w+)\b(?!")/g)) if (new RegExp(`import .*\\b${table}\\b.* from`).test(code)) assert.ok(known[table].has(key), `${name}: ${table}.${key}`);
  }
});
