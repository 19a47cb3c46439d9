import type { InProcessFetch } from "@weft/gateway";

/** Of each running Weft of this process, by its URL. */
const known = new Map<string, InProcessFetch>();

/** Makes a Weft's internal calls available to the users of tests until disposal. */
export function shareInternalCalls(url: string, fetch: InProcessFetch): Disposable {
  known.set(url, fetch);
  return { [Symbol.dispose]: () => void known.delete(url) };
}

/** Returns the function with which a Weft of this process calls what only its gateway calls. */
export function internalCallsOf(url: string): InProcessFetch {
  const fetch = known.get(url);
  if (!fetch) throw new Error(`${url} is not a Weft that startTestWeft started in this process. Only its gateway can make internal calls.`);
  return fetch;
}
