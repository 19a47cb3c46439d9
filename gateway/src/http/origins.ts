import type { Config, Logger } from "@weft/shared";

/** Whether pages of this `Origin` may call us, given the `Host` that they call. */
export type OriginCheck = (origin: string | undefined, host: string | undefined) => boolean;

/** Where Apollo Sandbox calls from. */
const sandboxOrigins = ["https://studio.apollographql.com", "https://sandbox.embed.apollographql.com"];
/** Pages of development servers: whatever the port, nobody but the user's own machine serves them. */
const localOrigin = /^https?:\/\/(?:localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;
const anyOrigin = /^https?:\/\/[^/?#@\s]+$/;
/** Each refused origin is logged once; what attackers invent must not fill the log. */
const loggedOrigins = 50;

/**
 * Which pages may call us from a browser: our own, those of the configuration, and in demo mode Apollo Sandbox and pages of this machine.
 * Compared whole, so that neither `null` nor a clever suffix passes. A request without an Origin is not a cross-origin call by CORS or
 * WebSocket; `csrf.ts` looks at what else it could be. What is refused is logged once, with the setting that would allow it.
 */
export function createOriginCheck({ corsOrigins, mode }: Pick<Config, "corsOrigins" | "mode">, log: Logger): OriginCheck {
  const isDemo = mode === "demo";
  const origins = new Set([...corsOrigins, ...(isDemo ? sandboxOrigins : [])]);
  // Production refuses to start with it.
  const isOpen = corsOrigins.includes("*");
  const logged = new Set<string>();
  return (origin, host) => {
    if (origin === undefined || origins.has(origin)) return true;
    if (isOpen && anyOrigin.test(origin)) return true;
    if (isDemo && localOrigin.test(origin)) return true;
    // Only the host: whether a proxy in front of us spoke https we cannot see.
    if (host !== undefined && anyOrigin.test(origin) && URL.canParse(origin) && new URL(origin).host === host) return true;
    const shown = origin.slice(0, 200);
    if (!logged.has(shown) && logged.size < loggedOrigins) {
      logged.add(shown);
      log.warn({ origin: shown }, `Refused calls from pages of the origin ${shown}. ${wayOut(shown)}`);
    }
    return false;
  };
}

/** What a page's author is answered. */
export function originRefusal(origin: string | undefined): string {
  const shown = (origin ?? "").slice(0, 200);
  return `Pages of the origin "${shown}" are not allowed to call Weft. ${wayOut(shown)}`;
}

function wayOut(origin: string): string {
  if (origin === "null") return "Serve the page over http: or https:. Files and sandboxed frames have no origin that could be allowed.";
  return `To allow it, set WEFT_CORS_ORIGINS=${anyOrigin.test(origin) ? origin : "https://app.example.com"} (several with commas) and restart the gateway.`;
}
