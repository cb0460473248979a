// Counts page views, not people.
{
	const { dataset, src } = document.currentScript;
	const [{ type, transferSize, serverTiming } = {}] = performance.getEntriesByType("navigation");
	const timing = JSON.stringify(serverTiming) || '"name":"tally"';
	const cut = (url) => url.match(RegExp(dataset.keep || "^[^?#]*|[?&]utm_[^&#]*", "g")).join("").slice(0, 400);
	let page, r = cut(document.referrer);

	const view = (n, c) => {
		const u = cut(location.href.replace(location.origin, ""));
		const i = self.navigation?.currentEntry?.index;
		const body = JSON.stringify({ u, r, n, c, k: i > 1 ? "later" : i ? "second" : "enter" }, dataset.send?.split(","));
		if (page != u) fetch(src + "/../view", { method: "POST", body, credentials: "omit", keepalive: true }).catch(() => {});
		r = location.origin + (page = u);
	};

	const start = () => {
		view(type, transferSize != 0 && /"name":"tally"/.test(timing));
		addEventListener("pageshow", ({ persisted }) => persisted && view("back_forward", page = false));
		if (self.navigation) navigation.addEventListener("currententrychange", ({ navigationType }) => view(navigationType == "traverse" ? "back_forward" : "route"));
		else setInterval(view, 1e3, "route");
	};

	if (!(navigator.globalPrivacyControl | navigator.doNotTrack | /"name":"no-tally"/.test(timing) | self != top))
		document.prerendering ? document.addEventListener("prerenderingchange", start) : start();
}
