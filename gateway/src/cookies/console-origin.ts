import type { Config } from "@weft/platform/config";
import { isAddressOrLocalhost } from "../http/hosts.js";

/** Whether a page of this `Origin` is one that Weft itself serves under the `Host` of the request. */
export type ConsoleOriginCheck = (origin: string, host: string | undefined) => boolean;

/**
 * Returns the check for pages of the console. Null if it is off, or if production does not know its own origin.
 *
 * The origin is compared as a whole, so that other schemes and ports don't pass: a server on another port of the same host is same-site for browsers,
 * which send it and its pages' requests the same cookies. It must also fit the host that the request is for, for two reasons. `WEFT_PUBLIC_URL` can
 * name an application elsewhere, whose pages get cookies through `WEFT_COOKIE_ORIGINS` only. And with DNS rebinding, a page has the origin of its own
 * name, and so does the request; in a demo, whose origin is not configured, only addresses and `localhost` count, which cannot be rebound.
 */
export function createConsoleOriginCheck(config: Pick<Config, "mode" | "console" | "publicOrigin">): ConsoleOriginCheck | null {
  const { mode, publicOrigin } = config;
  const isDemo = mode === "demo";
  // Over http, anyone on the network could answer for the page. Browsers would not keep the cookies of production, either.
  const configured = publicOrigin !== undefined && (isDemo || publicOrigin.startsWith("https://")) ? new URL(publicOrigin) : null;
  if (config.console === "off" || (!isDemo && configured === null)) return null;
  return (origin, host) => {
    if (host === undefined) return false;
    if (configured !== null && origin === configured.origin && host.toLowerCase() === configured.host) return true;
    return isDemo && isAddressOrLocalhost(host) && origin === `http://${host.toLowerCase()}`;
  };
}
