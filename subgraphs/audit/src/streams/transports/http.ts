import { exchange, linesOf, type Transport } from "./transport.js";

const TIMEOUT_MS = 30_000;

/**
 * Posts lines of JSON. `weft-audit-sequences` says which places of the chain a request has, so that a receiver can recognize a repetition as a whole.
 */
export const sendByHttp: Transport = ({ streamId, url, access, entries }, outside) =>
  exchange(outside, "The receiver", {
    url,
    method: "POST",
    headers: {
      "content-type": "application/x-ndjson",
      "user-agent": "Weft",
      "weft-audit-stream": streamId,
      "weft-audit-sequences": `${entries[0]?.sequence}-${entries.at(-1)?.sequence}`,
      ...access.headers,
    },
    body: linesOf(entries),
    timeoutMs: TIMEOUT_MS,
  });
