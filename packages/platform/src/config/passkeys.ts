import { isIP } from "node:net";
import { isLoopback } from "./production.js";
import type { SettingValues } from "./settings.js";

/** Where browsers create and offer passkeys. */
export interface PasskeyConfig {
  /** Domain that passkeys belong to: the relying party ID of WebAuthn. */
  readonly rpId: string;
  /** Origins of the pages that can use them. Not empty. */
  readonly origins: readonly string[];
}

type Given = Partial<Pick<SettingValues, "PORT" | "WEFT_MODE" | "WEFT_PASSKEY_DOMAIN" | "WEFT_PASSKEY_ORIGINS" | "WEFT_PUBLIC_URL">>;

/** Returns where passkeys are used. Nothing if neither the settings nor the public URL tell. */
export function passkeysOf(given: Given): { passkeys?: PasskeyConfig } {
  const page = pageOf(given);
  const { WEFT_PASSKEY_DOMAIN: rpId = page?.hostname, WEFT_PASSKEY_ORIGINS: listed = [] } = given;
  if (rpId === undefined) return {};
  const origins = listed.length === 0 && page && belongs(page, rpId) ? [page.origin] : listed;
  return origins.length === 0 ? {} : { passkeys: { rpId, origins } };
}

/** Returns the problems of settings with which browsers would refuse passkeys, with an error that users do not understand. */
export function passkeyProblems(given: Given): string[] {
  const { WEFT_PASSKEY_DOMAIN: domain, WEFT_PASSKEY_ORIGINS: origins = [] } = given;
  const { passkeys } = passkeysOf(given);
  if (domain !== undefined && !passkeys)
    return [`WEFT_PASSKEY_ORIGINS: is required with WEFT_PASSKEY_DOMAIN, because WEFT_PUBLIC_URL is not an https URL at ${domain}`];
  if (origins.length > 0 && !passkeys)
    return ["WEFT_PASSKEY_DOMAIN: is required with WEFT_PASSKEY_ORIGINS, because WEFT_PUBLIC_URL is not an https URL with a host name"];
  return origins.flatMap((origin) => {
    const url = new URL(origin);
    if (!isSecure(url)) return [`WEFT_PASSKEY_ORIGINS: browsers have no passkeys on ${origin}. Use https, or localhost`];
    if (!passkeys || belongs(url, passkeys.rpId)) return [];
    return [`WEFT_PASSKEY_ORIGINS: ${origin} is not at ${passkeys.rpId}, which passkeys belong to (WEFT_PASSKEY_DOMAIN)`];
  });
}

/** Returns the public URL if browsers have passkeys there; localhost in a demo without one, because passkeys need a name. */
function pageOf({ PORT, WEFT_MODE, WEFT_PUBLIC_URL }: Given): URL | null {
  if (WEFT_PUBLIC_URL === undefined && WEFT_MODE !== "demo") return null;
  const url = new URL(WEFT_PUBLIC_URL ?? `http://localhost:${PORT || 4000}`);
  const isAddress = isIP(url.hostname) !== 0 || url.hostname.startsWith("[");
  return isSecure(url) && !isAddress ? url : null;
}

const isSecure = ({ protocol, hostname }: URL): boolean => protocol === "https:" || isLoopback(hostname);

const belongs = ({ hostname }: URL, rpId: string): boolean => hostname === rpId || hostname.endsWith(`.${rpId}`);
