import { createHash } from "node:crypto";
import { outboundClient } from "@weft/platform/outbound";
import type { Services } from "@weft/platform/services";

/** Time and size of an answer. A range of "Have I Been Pwned" has 30 to 50 kB. */
const TIMEOUT_MS = 2_000;
const MAX_RESPONSE_BYTES = 262_144;
const PREFIX_CHARS = 5;

/** Number of checks of this process that failed. In the log, so that operators can tell a hiccup from an outage. */
const failures = new WeakMap<Services, number>();

/** Returns whether passwords are known from leaks. Another service than the one with the API of "Have I Been Pwned" implements this port. */
export interface BreachedPasswords {
  /** `password` is normalized, as it is hashed. @throws if the service gives no valid answer */
  isBreached(password: string): Promise<boolean>;
}

/**
 * Returns the port for the range search of "Have I Been Pwned". Only the first five hexadecimal digits of the password's SHA-1 leave this installation
 * (k-anonymity), and padded answers hide from the network how many passwords begin with them.
 * @param url base URL, to which the prefix is appended
 */
export function rangeSearch({ outbound }: Pick<Services["config"], "outbound">, url: string): BreachedPasswords {
  return {
    isBreached: async (password) => {
      const digest = createHash("sha1").update(password).digest("hex").toUpperCase();
      const client = outboundClient(outbound);
      try {
        const { status, body, isTruncated } = await client.request({
          url: `${url}/${digest.slice(0, PREFIX_CHARS)}`,
          method: "GET",
          headers: { "add-padding": "true", "user-agent": "Weft" },
          timeoutMs: TIMEOUT_MS,
          maxResponseBytes: MAX_RESPONSE_BYTES,
        });
        if (status !== 200 || isTruncated) throw new Error(`The service answered ${status}${isTruncated ? " with too many bytes" : ""}.`);
        return countOf(body.toString("latin1"), digest.slice(PREFIX_CHARS)) > 0;
      } finally {
        await client.close();
      }
    },
  };
}

/** Returns how often a suffix occurs in leaks. Lines of padding have the number 0. @throws if the text is not a range */
function countOf(range: string, suffix: string): number {
  let found = 0;
  for (const line of range.split(/\r?\n/)) {
    if (line === "") continue;
    const [, given, count] = /^([0-9A-F]{35}):(\d{1,12})$/i.exec(line) ?? [];
    if (given === undefined) throw new Error("The answer is not a list of hashes.");
    if (given.toUpperCase() === suffix) found = Number(count);
  }
  return found;
}

/**
 * Returns whether a normalized password is known from leaks, as far as the configured service says. Without a service, and while it fails, no password
 * is: the offline list of common passwords applies alone, because an outage elsewhere must not keep anybody from setting a password.
 */
export async function isBreachedPassword(services: Services, password: string): Promise<boolean> {
  const { breachedPasswordsUrl } = services.config;
  if (breachedPasswordsUrl === undefined) return false;
  try {
    return await rangeSearch(services.config, breachedPasswordsUrl).isBreached(password);
  } catch (error) {
    const failed = (failures.get(services) ?? 0) + 1;
    failures.set(services, failed);
    services.log.warn({ err: error, failed }, "a password was accepted without a check for leaks, because the service failed");
    return false;
  }
}
