"""Scripts of the laboratory: pages that drive themselves, and service workers."""

from typing import Final

DRIVE: Final = """\
// Prerendering is off while a debugger is attached, so here the page is its own driver.
const say = (text) => fetch("/lab/say", { method: "POST", body: text });
const told = async (text) => {
  while (!(await (await fetch("/lab/said")).text()).includes(text)) {
    await new Promise((again) => setTimeout(again, 20));
  }
};
if (document.prerendering) {
  document.addEventListener("prerenderingchange", () => say("shown"));
  say("prerendered");
} else if (location.pathname === "/lab/prerender") {
  told("click").then(() => document.querySelector("a").click());
} else if (location.pathname === "/lab/hidden") {
  // A tab that is opened comes to the front, and this one is not seen any more.
  document.addEventListener("visibilitychange", () => location.assign("/lab/ahead"));
  open("about:blank");
} else {
  say(document.visibilityState);
}
"""

REGISTER: Final = """\
// The service worker of this folder; a page says when it is in charge.
navigator.serviceWorker.register("worker.js");
navigator.serviceWorker.ready.then(() => {
  document.documentElement.dataset.worker = "ready";
});
"""

FETCHING: Final = """\
addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
"""
PRELOADING: Final = """\
addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(
  registration.navigationPreload.enable().then(() => clients.claim())));
"""
WORKERS: Final = {
    # Hands every request on.
    "passing": FETCHING
    + 'addEventListener("fetch", (event) => event.respondWith(fetch(event.request)));',
    # Answers pages from its own cache, where they are.
    "keeping": FETCHING
    + """\
addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  event.respondWith((async () => {
    const kept = await caches.match(event.request.url);
    if (kept) return kept;
    const answer = await fetch(event.request);
    await (await caches.open("pages")).put(event.request.url, answer.clone());
    return answer;
  })());
});
""",
    # Lets the browser ask, and keeps pages as the one above.
    "storing": PRELOADING
    + """\
addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  event.respondWith((async () => {
    const kept = await caches.match(event.request.url);
    const answer = await event.preloadResponse;
    if (kept || !answer) return kept || fetch(event.request);
    await (await caches.open("pages")).put(event.request.url, answer.clone());
    return answer;
  })());
});
""",
    # Lets the browser ask while the worker is still starting.
    "preloading": PRELOADING
    + """\
addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(event.preloadResponse);
});
""",
}
