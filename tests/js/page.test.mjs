import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { gzipSync } from "node:zlib";

const folder = new URL("../../js/stats/", import.meta.url);
const files = readdirSync(folder);
const read = (name) => readFileSync(new URL(name, folder), "utf8");
const modules = files.filter((name) => name.endsWith(".js"));

test("every module is asked for at once", () => {
  const named = [...read("index.html").matchAll(/assets\/([\w-]+\.js)/g)].map(([, name]) => name);
  assert.deepEqual(named.toSorted(), modules.toSorted());
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

test("the first screen is at most 40 kB gzipped", () => {
  const total = files.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
  assert.ok(total <= 40_000, `${total} bytes`);
});
