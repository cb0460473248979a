// The sample shop: three routes on one page, changed with history.pushState.

const app = document.querySelector(".app");

/** Show the section of a route; the stylesheet hides the others. */
function show(path) {
  app.dataset.route = path;
  const section = app.querySelector(`[data-page="${path}"]`);
  document.title = `${section.querySelector("h1").textContent} · Fennel`;
}

app.querySelector("nav").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  if (link.pathname === location.pathname) return;
  history.pushState(null, "", link.pathname);
  show(link.pathname);
});

addEventListener("popstate", () => show(location.pathname));

app.querySelector(".count").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const count = button.parentElement.querySelector("output");
  const step = button.textContent === "+" ? 1 : -1;
  count.value = Math.max(0, Number(count.value) + step);
});

app.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
