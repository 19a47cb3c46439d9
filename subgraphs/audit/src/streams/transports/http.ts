import { linesOf, SendingFailed, type Transport } from "./transport.js";

const TIMEOUT_MS = 30_000;
/** Nothing of an answer is used but its status. */
const MAX_RESPONSE_BYTES = 1_024;

/**
 * Posts lines of JSON. Every status of 2xx says that the receiver has them. `weft-audit-sequences` says which places of the chain a request has, so that a
 * receiver can recognize a repetition as a whole.
 */
export const sendByHttp: Transport = async ({ streamId, url, access, entries }, { client, signal }) => {
  const { status } = await client.request({
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
    maxResponseBytes: MAX_RESPONSE_BYTES,
    signal,
  });
  if (status < 200 || status > 299) throw new SendingFailed(`The receiver answered ${status}.`);
};
