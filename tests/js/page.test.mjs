import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { gzipSync } from "node:zlib";

const folder = new URL("../../js/stats/", import.meta.url);
const files = readdirSync(folder);
const read = (name) => readFileSync(new URL(name, folder), "utf8");
const modules = files.filter((name) => name.endsWith(".js"));

const imports = (name, pattern) => [...read(name).matchAll(pattern)].map(([, found]) => found);

// What app.js imports, and what that imports: without them nothing is shown.
function atOnce() {
  const found = new Set(["app.js"]);
  for (const name of found) for (const other of imports(name, /^import .* from "\.\/([\w-]+\.js)"/gm)) found.add(other);
  return [...found];
}

test("every module of the first screen is asked for at once, and the others when they are wanted", () => {
  const later = new Set(modules.flatMap((name) => imports(name, /import\("\.\/([\w-]+\.js)"\)/g)));
  for (const name of later) for (const other of imports(name, /^import .* from "\.\/([\w-]+\.js)"/gm)) later.add(other);
  assert.deepEqual(imports("index.html", /assets\/([\w-]+\.js)/g).toSorted(), atOnce().toSorted());
  assert.deepEqual([...new Set([...atOnce(), ...later])].toSorted(), modules.toSorted());
});

test("what is loaded later brings nothing of the first screen's size: it is imported by no module of it", () => {
  const later = ["later.js", "rest.js", "special.js", "notes.js", "dialog.js"];
  assert.deepEqual(atOnce().filter((name) => later.includes(name)), []);
});

test("nothing comes from another host and nothing is kept in the browser", () => {
  for (const name of files) {
    assert.doesNotMatch(read(name).replaceAll("http://www.w3.org/2000/svg", ""), /https?:\/\/|localStorage|sessionStorage|document\.cookie|indexedDB|data:image/, name);
  }
});

test("text never becomes HTML and no style is inline", () => {
  for (const name of [...modules, "index.html"]) {
    assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\sstyle=|"style"|eval\(|\son\w+="/, name);
  }
});

test("every module says first what it is for", () => {
  for (const name of modules) assert.match(read(name), /^\/\/ .{20,}\n/, name);
});

test("the first screen is at most 40 kB gzipped, in each language", () => {
  const size = (names) => names.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
  const first = size([...atOnce(), ...files.filter((name) => !name.endsWith(".js") && name !== "later.css")]);
  for (const name of modules.filter((each) => /^text-/.test(each))) assert.ok(first + size([name]) <= 40_000, `${name}: ${first + size([name])} bytes`);
});

test("no module is longer than 300 lines", () => {
  for (const name of modules) assert.ok(read(name).split("\n").length <= 301, name);
});
