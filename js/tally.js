// Counts page views. No cookie, no identifier.
{
	const { dataset, src } = document.currentScript;
	const load = performance.getEntriesByType("navigation")[0];
	const mark = JSON.stringify(load.serverTiming) || "tally";
	const drop = RegExp(dataset.drop || "[?&](?!utm_)[^&#]*|#.*", "g");
	let r = document.referrer.replace(drop, ""), page;

	const view = (n, c) => {
		const u = location.href.replace(origin, "").replace(drop, "");
		const i = self.navigation?.currentEntry.index;
		const k = i == 1 ? "second" : i || r.startsWith(origin) ? "later" : "enter";
		const body = JSON.stringify({ u, r, n, k, c }, dataset.send?.split(","));
		if (u != page) fetch(src + "/../view", { method: "POST", body, credentials: "omit", keepalive: true }).catch(() => {});
		r = origin + (page = u);
	};
	const first = () => view(load.type, /tally/.test(mark) && load.transferSize > 0);

	if (!(navigator.globalPrivacyControl | navigator.doNotTrack | /no-tally/.test(mark) | self != top)) {
		document.prerendering ? addEventListener("prerenderingchange", first) : first();
		addEventListener("pageshow", ({ persisted }) => persisted && view("back_forward", page = 0));
		addEventListener("popstate", () => view("back_forward"));
		for (const name of ["pushState", "replaceState"]) {
			const change = history[name];
			history[name] = (...to) => view("route", change.apply(history, to));
		}
	}
}
