import assert from "node:assert/strict";
import test from "node:test";

import { fromFragment, initial, toFragment, toggleFilter } from "../../js/stats/state.js";

test("nothing chosen is an empty fragment", () => {
  assert.equal(toFragment(initial), "#");
  assert.deepEqual(fromFragment("#"), initial);
  assert.deepEqual(fromFragment(""), initial);
});

test("a state comes back from its fragment", () => {
  const state = {
    range: ["2026-01-01", "2026-01-31"], comparison: "previous_year", interval: "week", metric: "visits",
    filters: [["is", "path", ["/a b%20c?x=|y\\z&#", "/مرحبا"]], ["contains", "browser", ["fire:fox+"]]], tabs: ["os", "pages:entry"], lang: "fr", look: "dark", link: "a-random_key-of-32-letters-or-so",
  };
  assert.deepEqual(fromFragment(toFragment(state)), state);
});

test("a fragment can be read", () => {
  assert.equal(toFragment({ ...initial, range: "7d", filters: [["is", "path", ["/docs/start"]]] }), "#range=7d&filter=is:path:/docs/start");
});

test("what is malformed stays at its default", () => {
  assert.deepEqual(fromFragment("#range=9d&compare=x&by=minute&look=x&metric=%3Cb%3E&filter=is&filter=:::&filter=like:path:/&tab="), initial);
  assert.deepEqual(fromFragment("#range=2026-01-31~2026-01-01").range, "30d");
  assert.deepEqual(fromFragment("#%E0%A4%A"), initial);
});

test("a filter that is chosen again goes, another of the same dimension is replaced", () => {
  const first = toggleFilter([], ["is", "path", ["/a"]]);
  assert.deepEqual(toggleFilter(first, ["is", "path", ["/a"]]), []);
  assert.deepEqual(toggleFilter(first, ["is", "path", ["/b"]]), [["is", "path", ["/b"]]]);
  assert.equal(toggleFilter(first, ["is", "browser", ["Firefox"]]).length, 2);
});

test("with several, a value comes to those that are there, or goes from them", () => {
  const two = toggleFilter([["is", "path", ["/a"]]], ["is", "path", ["/b"]], true);
  assert.deepEqual(two, [["is", "path", ["/a", "/b"]]]);
  assert.deepEqual(toggleFilter(two, ["is", "path", ["/a"]], true), [["is", "path", ["/b"]]]);
  assert.deepEqual(toggleFilter([["is", "path", ["/b"]]], ["is", "path", ["/b"]], true), []);
});

test("a comparison can be two dates", () => {
  assert.deepEqual(fromFragment("#compare=2026-01-01~2026-01-31").comparison, ["2026-01-01", "2026-01-31"]);
  assert.equal(toFragment({ ...initial, comparison: ["2026-01-01", "2026-01-31"] }), "#compare=2026-01-01~2026-01-31");
  assert.equal(fromFragment("#compare=2026-02-01~2026-01-31").comparison, "previous_period");
});

test("what is no key of a link is none", () => {
  assert.deepEqual(["#link=short", "#link=<b>aaaaaaaaaaaaaaaaaaaaaaaa", "#link="].map((hash) => fromFragment(hash).link), [null, null, null]);
});
