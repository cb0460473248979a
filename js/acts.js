// What was done on a page.
{
	const { dataset, src } = document.currentScript;
	const cut = (url) => url.match(RegExp(dataset.keep || "^[^?#]*", "g")).join("").slice(0, 400);
	let u, r;

	const send = (e, more) => {
		const body = JSON.stringify({ e, u, ...more });
		if ((dataset.reads ?? e).includes(e)) fetch(src + "/../view", { method: "POST", body, credentials: "omit", keepalive: true }).catch(() => {});
	};

	const act = ({ type, target, button }) => {
		const page = cut(location.href.replace(location.origin, ""));
		if (u != page) r = u ? location.origin + u : cut(document.referrer);
		u = page;
		if (type == "submit") {
			const v = target.getAttribute("name") || target.getAttribute("id");
			if (v) send("form", { v });
		}
		if (button < 2) {
			const { protocol, host, pathname } = target.closest(":any-link") || {};
			if (/^http/.test(protocol)) {
				if (host != location.host) send("outbound", { v: host });
				if (target.closest("[download]") || /\.([7g]z|apk|csv|dmg|epub|exe|mp[34]|pdf|tar|zip|(doc|ppt|xls)x?)$/i.test(pathname)) send("download", { v: cut(pathname) });
			}
			const named = !button && target.closest("[data-tally]");
			if (named) {
				const p = {};
				for (const { name, value } of named.attributes) if (/^data-tally-/.test(name)) p[name.slice(11)] = value;
				tally(named.dataset.tally, p);
			}
		}
	};

	const event = (v, p) => {
		act({});
		p = { ...p };
		for (const name in p) p[name] = String(p[name]);
		document.prerendering || send("event", v == "404" ? { e: "missing", r } : { v: String(v), p });
	};

	const safely = (act) => (...all) => { try { act(...all); } catch {} };

	self.tally = () => {};
	if (!(navigator.globalPrivacyControl | navigator.doNotTrack | /"no-tally"/.test(JSON.stringify(performance.getEntriesByType("navigation"))) | self != top)) {
		act({});
		self.tally = safely(event);
		for (const type of ["click", "auxclick", "submit", "popstate"]) addEventListener(type, safely(act), true);
	}
}
