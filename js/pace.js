// How fast a page was: told once, when it is hidden.
{
	const { dataset, src } = document.currentScript;
	const [load = {}] = performance.getEntriesByType("navigation");
	const u = location.href.replace(location.origin, "").match(RegExp(dataset.keep || "^[^?#]*", "g")).join("").slice(0, 400);
	const vitals = { e: "pace", u };
	let first, last, sum;

	const worst = (name, value) => vitals[name] = Math.max(vitals[name] || 0, value | 0);
	const shown = (time) => time - (load.activationStart || 0);
	const measures = {
		"largest-contentful-paint": ({ startTime }) => worst("lcp", shown(startTime)),
		"layout-shift": ({ hadRecentInput, startTime, value }) => {
			if (hadRecentInput) return;
			if (!(startTime - last < 1e3 && startTime - first < 5e3)) sum = 0, first = startTime;
			last = startTime;
			worst("cls", 1e3 * (sum += value));
		},
		event: ({ interactionId, duration }) => interactionId && worst("inp", duration),
		"first-input": ({ duration }) => worst("inp", duration),
	};
	const measure = (entry) => measures[entry.entryType](entry);
	let observer = new PerformanceObserver((list) => list.getEntries().map(measure));

	const leave = ({ type }) => {
		if (!observer || document.prerendering || type != "pagehide" && !document.hidden) return;
		observer.takeRecords().map(measure);
		observer = observer.disconnect();
		if (load.responseStart) worst("ttfb", shown(load.responseStart));
		fetch(src + "/../view", { method: "POST", body: JSON.stringify(vitals), credentials: "omit", keepalive: true }).catch(() => {});
	};

	if (!(navigator.globalPrivacyControl | navigator.doNotTrack | /"no-tally"/.test(JSON.stringify(load)) | self != top | document.hidden && !document.prerendering) && /vitals/.test(dataset.reads ?? "vitals")) {
		if (self.LayoutShift) vitals.cls = 0;
		for (const type of PerformanceObserver.supportedEntryTypes) if (measures[type]) observer.observe({ type, buffered: true, durationThreshold: 40 });
		for (const type of ["visibilitychange", "pagehide"]) addEventListener(type, leave, true);
	}
}
