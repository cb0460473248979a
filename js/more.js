// How long and how far a page was looked at: told once a view, when it ends.
{
	const { dataset, src } = document.currentScript;
	const timing = JSON.stringify(performance.getEntriesByType("navigation"));
	const when = (name, read) => dataset.reads?.includes(name) ?? name != "zone" ? read() : undefined;
	let page, since, deepest;

	const left = () => {
		const readings = {
			t: when("time", () => Math.min(1800, (performance.now() - since) / 1e3 | 0)),
			d: when("scroll", () => Math.min(4, Math.ceil(4 * deepest / document.documentElement.scrollHeight) || 1)),
			w: when("screen", () => screen.width < 480 ? "xs" : screen.width < 768 ? "s" : screen.width < 1024 ? "m" : screen.width < 1440 ? "l" : "xl"),
			z: when("zone", () => Intl.DateTimeFormat().resolvedOptions().timeZone),
		};
		const body = JSON.stringify({ e: "left", u: page, ...readings });
		if (JSON.stringify(readings) != "{}") fetch(src + "/../view", { method: "POST", body, credentials: "omit", keepalive: true }).catch(() => {});
		since = 0;
	};

	const look = ({ type, persisted }) => {
		const u = location.href.replace(location.origin, "").match(RegExp(dataset.keep || "^[^?#]*", "g")).join("").slice(0, 400);
		const hidden = document.hidden || type == "pagehide";
		when("scroll", () => deepest = Math.max(deepest, scrollY + innerHeight));
		if (since && (hidden || u != page)) left();
		if (persisted || u != page) {
			page = u;
			deepest = 0;
			since = undefined;
		}
		if (!hidden) since ??= performance.now();
	};

	const start = () => {
		look({});
		for (const type of ["visibilitychange", "pagehide", "pageshow", "scroll"]) addEventListener(type, look, true);
		self.navigation ? navigation.addEventListener("currententrychange", look) : setInterval(look, 1e3, {});
	};

	if (!(navigator.globalPrivacyControl | navigator.doNotTrack | /"no-tally"/.test(timing) | self != top))
		document.prerendering ? document.addEventListener("prerenderingchange", start) : start();
}
