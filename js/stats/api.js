// The way to the stats API: one batched request, and errors that say what happened.

/** A request that failed: `kind` is "offline", "unreachable", "password", "link" or "status". */
export class RequestFailed extends Error {
  constructor(kind, status, sentence) {
    super(kind);
    this.sentence = sentence;
    this.kind = kind;
    this.status = status;
  }
}

const post = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

// The key of a shared link rides in a header: no cookie, and in no server's log.
let key = null;

/** Shows the key of a link with every request from now on; null for none. */
export const useLink = (link) => { key = link; };

/** The dimensions, the metrics and what the page must know of the site. */
export const dimensions = () => ask("api/dimensions");

/** The answer to a body that is posted. */
export const send = (url, body) => ask(url, post(body));

/** The answer of an endpoint that a site may not have, or null; `body` is posted where there is one. */
export async function optional(url, body) {
  try {
    return await ask(url, body ? post(body) : {});
  } catch {
    return null;
  }
}

/** The answers of a list of {name, query} by name; an answer that is an error is {error: "a sentence"}. */
export async function queries(list, signal) {
  const asked = list.map(({ query }) => ({ ...query, include: { ...query.include, columns: true } }));
  const answers = await ask("api/query", { ...post(asked), signal });
  return Object.fromEntries(list.map(({ name, query }, index) => [name, { ...inRows(answers[index]), asked: query }]));
}

/** An answer whose columns, which are half the bytes, are rows: {results: [{dimensions, metrics, comparison}]}. */
export function inRows({ columns, ...answer }) {
  if (!columns) return answer;
  const { dimensions, metrics, comparison: before } = columns;
  const row = (table, index) => ({ dimensions: table.dimensions?.map((column) => column[index]), metrics: table.metrics.map((column) => column[index]) });
  // In a series, what has nothing beside it has no label there.
  const compared = (index) => before && before.dimensions?.[0][index] !== null;
  return { ...answer, results: metrics[0].map((_, index) => ({ ...row({ dimensions, metrics }, index), ...(compared(index) ? { comparison: row(before, index) } : {}) })) };
}

async function ask(url, options = {}) {
  let response;
  try {
    const headers = { ...options.headers, ...(key ? { "Firstparty-Link": key } : {}) };
    response = await fetch(url, { ...options, headers, cache: "no-store", signal: limited(options.signal) });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestFailed(navigator.onLine ? "unreachable" : "offline");
  }
  if (response.status === 403 && key) throw new RequestFailed("link", 403);
  if (response.status === 401) throw new RequestFailed("password", 401);
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    throw new RequestFailed("status", response.status, body?.error);
  }
  try {
    return await response.json();
  } catch {
    throw new RequestFailed("unreachable");
  }
}

// A server that hangs is a server that does not answer.
const limited = (signal) => (signal ? AbortSignal.any([signal, AbortSignal.timeout(20_000)]) : AbortSignal.timeout(20_000));
