/** Where Apollo Sandbox calls from. */
const sandboxOrigins = ["https://studio.apollographql.com", "https://sandbox.embed.apollographql.com"];

/**
 * Which pages may call us from a browser: our own, those of the configuration, in demo mode Apollo Sandbox. Compared whole, so that
 * neither `null` nor a clever suffix passes. Requests without an Origin do not come from another site's page.
 */
export function createOriginCheck(
  allowed: readonly string[],
  { allowSandbox }: { allowSandbox: boolean },
): (origin: string | undefined, host: string | undefined) => boolean {
  const origins = new Set([...allowed, ...(allowSandbox ? sandboxOrigins : [])]);
  return (origin, host) => {
    if (origin === undefined || origins.has(origin)) return true;
    // Only the host: whether a proxy in front of us spoke https we cannot see.
    return host !== undefined && URL.canParse(origin) && new URL(origin).host === host && /^https?:\/\/[^/?#@]+$/.test(origin);
  };
}
