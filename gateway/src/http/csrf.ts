import type { IncomingHttpHeaders } from "node:http";
import { HttpRefusal } from "./refusal.js";

/**
 * Refuses a GET that a browser sends for a link, an image, a script, a frame, a form or a `no-cors` fetch: everything that any page can
 * make a browser request without asking us (no preflight, no `Origin`).
 *
 * Why a GET may be answered at all, although clients such as urql send it without a header of their own:
 * - It only reads: `graphql-route.ts` refuses mutations before anything runs.
 * - Nothing that a browser adds by itself logs anybody in. There are no cookies; the `Authorization` header is the only credential, and a
 *   page of another origin can set that only after a preflight, which only allowed origins pass.
 * - Pages of other origins cannot read the answer: no CORS headers for them, `Cross-Origin-Resource-Policy: same-origin`, `nosniff`.
 * - The `Host` check keeps DNS rebinding from making another page one of ours.
 * So a forged GET could do no more than make us answer a query to nobody, as an anonymous visitor. This check refuses even that wherever
 * the browser says what the request is for. Every current browser does (Fetch Metadata), over https and on localhost. Clients that are not
 * browsers send no such headers, and have no visitors to abuse.
 */
export function assertNotForged(headers: IncomingHttpHeaders): void {
  const { "sec-fetch-mode": mode, "sec-fetch-dest": destination, "sec-fetch-site": site, origin } = headers;
  const isFetch =
    (mode === undefined || mode === "cors" || mode === "same-origin") && (destination === undefined || destination === "empty");
  // A CORS request of another site always has an Origin, which has been checked; without one something has been stripped or made up.
  const isOwnSite = site === undefined || site === "same-origin" || site === "none" || origin !== undefined;
  if (isFetch && isOwnSite) return;
  throw new HttpRefusal(
    403,
    "This looks like a link, an image or a form of a page, not like a call of the API. Send queries with fetch() or POST them. The explorer is at /explorer.",
  );
}
