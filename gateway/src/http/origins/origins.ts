import type { Config } from "@weft/platform/config";
import type { Logger } from "@weft/platform/logging";

/** Whether pages of this `Origin` can call the gateway, given the `Host` that they call. */
export type OriginCheck = (origin: string | undefined, host: string | undefined) => boolean;

/** Origins from which Apollo Sandbox calls. */
const sandboxOrigins = ["https://studio.apollographql.com", "https://sandbox.embed.apollographql.com"];
/** Pages of development servers. On any port, they are served only by the user's own machine. */
const localOrigin = /^https?:\/\/(?:localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;
const anyOrigin = /^https?:\/\/[^/?#@\s]+$/;
/** Each refused origin is logged once, up to a limit, so that origins made up by attackers cannot fill the log. */
const loggedOrigins = 50;

/**
 * Determines which pages can call the gateway from a browser: its own, configured origins, and in demo mode Apollo Sandbox and pages of this machine.
 * Origins are compared as a whole, so that neither `null` nor a crafted suffix passes. A request without an Origin is not a cross-origin call with
 * CORS or WebSocket; `csrf.ts` checks what else it could be. Refused origins are logged once, with the setting that would allow them.
 */
export function createOriginCheck(
  { corsOrigins, cookieOrigins, mode }: Pick<Config, "corsOrigins" | "cookieOrigins" | "mode">,
  log: Logger,
): OriginCheck {
  const isDemo = mode === "demo";
  const origins = new Set([...corsOrigins, ...cookieOrigins, ...(isDemo ? sandboxOrigins : [])]);
  // Production refuses to start with this setting.
  const isOpen = corsOrigins.includes("*");
  const logged = new Set<string>();
  return (origin, host) => {
    if (origin === undefined || origins.has(origin)) return true;
    if (isOpen && anyOrigin.test(origin)) return true;
    if (isDemo && localOrigin.test(origin)) return true;
    // Only compares the host, because we cannot see whether a proxy in front of us used https.
    if (host !== undefined && anyOrigin.test(origin) && URL.canParse(origin) && new URL(origin).host === host) return true;
    const shown = origin.slice(0, 200);
    if (!logged.has(shown) && logged.size < loggedOrigins) {
      logged.add(shown);
      log.warn({ origin: shown }, `refused calls from pages of the origin ${shown}. ${wayOut(shown)}`);
    }
    return false;
  };
}

/** The message for the page's author. */
export function originRefusal(origin: string | undefined): string {
  const shown = (origin ?? "").slice(0, 200);
  return `Pages of the origin "${shown}" are not allowed to call Weft. ${wayOut(shown)}`;
}

function wayOut(origin: string): string {
  if (origin === "null")
    return "Serve the page over http: or https:. Files and sandboxed frames do not have an origin that can be allowed.";
  return `To allow it, set WEFT_CORS_ORIGINS=${anyOrigin.test(origin) ? origin : "https://app.example.com"} (separate several with commas) and restart the gateway.`;
}
