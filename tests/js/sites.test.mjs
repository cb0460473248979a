import assert from "node:assert/strict";
import test from "node:test";

import { along } from "../../js/stats/sites.js";
import { initial } from "../../js/stats/state.js";

test("dates, language and look go along to another site; filters, tabs and the key of a link stay", () => {
  const state = { ...initial, range: "7d", comparison: "none", interval: "hour", metric: "visits", lang: "fr", look: "dark", filters: [["is", "path", ["/secret"]]], tabs: ["os"], link: "a-random_key-of-32-letters-or-so" };
  assert.equal(along(state), "#lang=fr&look=dark&range=7d&compare=none&by=hour&metric=visits");
  assert.equal(along(initial), "#");
});
