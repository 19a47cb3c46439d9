import type { IncomingHttpHeaders } from "node:http";
import { HttpRefusal } from "../refusal.js";

/**
 * Refuses a GET that a browser sends for a link, an image, a script, a frame, a form, or a `no-cors` fetch: everything that any page can make a
 * browser request without permission (no preflight, no `Origin`).
 *
 * Why a GET is answered at all, although clients such as urql send it without a custom header:
 * - It is read-only: `graphql-route.ts` refuses mutations before anything runs.
 * - Nothing that a browser adds automatically logs anybody in. Cookies of sessions count for POST only, with a header that requires a preflight. A page
 *   of another origin can set that header, or `Authorization`, only after the preflight, which only allowed origins pass.
 * - Pages of other origins cannot read the response: no CORS headers for them, `Cross-Origin-Resource-Policy: same-origin`, `nosniff`.
 * - The `Host` check prevents DNS rebinding from making another page same-origin. A forged GET could therefore only make the gateway run a query as
 *   an anonymous visitor, without anybody reading the response. This check refuses even that if the browser reports the purpose of the request. Every
 *   current browser does (Fetch Metadata), over https and on localhost. Clients that are not browsers do not send these headers, and have no visitors
 *   to abuse.
 */
export function assertNotForged(headers: IncomingHttpHeaders): void {
  const { "sec-fetch-mode": mode, "sec-fetch-dest": destination, "sec-fetch-site": site, origin } = headers;
  const isFetch =
    (mode === undefined || mode === "cors" || mode === "same-origin") && (destination === undefined || destination === "empty");
  // A cross-site CORS request always has an Origin, which was checked. If it is missing, it was stripped or the headers were made up.
  const isOwnSite = site === undefined || site === "same-origin" || site === "none" || origin !== undefined;
  if (isFetch && isOwnSite) return;
  throw new HttpRefusal(
    403,
    "This request looks like a link, an image, or a form on a web page, not like an API call. Send queries with fetch() or POST them. The explorer is at /explorer.",
  );
}
