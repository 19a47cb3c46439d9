import { isIP } from "node:net";
import { quote, UrlForbidden } from "@weft/shared/errors";
import { hostOf, isAddressAllowed, isListed, isPortAllowed, portOf, type OutboundPolicy } from "./policy.js";
import { DestinationForbidden, resolveAllowed, type Resolve } from "./resolve.js";

const MAX_LENGTH = 2_000;

/**
 * Returns why a URL must not be called, as far as its text says. Null if it can be called, provided that its host's addresses are allowed. The URL
 * parser has already normalized every notation of an IPv4 address (octal, hexadecimal, one number).
 */
export function refusalOfUrl(policy: OutboundPolicy, text: string): string | null {
  if (text.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (!URL.canParse(text)) return "it is not a valid URL";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "only https:// is allowed";
  if (url.username !== "" || url.password !== "") return "it contains a user name or password; use a header instead";
  const [host, port] = [hostOf(url), portOf(url)];
  if (isListed(policy, host, port)) return null;
  if (url.protocol !== "https:") return "only https:// is allowed";
  if (!isPortAllowed(port)) return `port ${port} is not allowed`;
  if (isIP(host) !== 0) return isAddressAllowed(policy, host, port) ? null : `${host} is in a private or reserved network`;
  if (!host.includes(".")) return "its host is not a public name";
  return null;
}

/**
 * Checks a URL that a user wants to save, including the addresses of its host. Call it outside of transactions: it asks name servers. A host that is
 * currently unknown is accepted, because every request is checked again.
 * @param path the argument, such as `input.url`
 * @throws UrlForbidden
 */
export async function assertUrlAllowed(policy: OutboundPolicy, text: string, path: string, resolve?: Resolve): Promise<void> {
  const refuse = (reason: string): never => {
    throw new UrlForbidden(
      path,
      [`The URL ${quote(text)} cannot be called: ${reason}.`, ...(policy.hint === undefined ? [] : [policy.hint])].join(" "),
    );
  };
  const refusal = refusalOfUrl(policy, text);
  if (refusal !== null) refuse(refusal);
  const url = new URL(text);
  try {
    await resolveAllowed(policy, { host: hostOf(url), port: portOf(url) }, resolve);
  } catch (error) {
    if (error instanceof DestinationForbidden) refuse(error.message.replace(/\.$/, ""));
  }
}
