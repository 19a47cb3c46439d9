import { createHash } from "node:crypto";
import { BadUserInput, UrlForbidden } from "@weft/shared/errors";
import { assertUrlAllowed, type OutboundPolicy } from "@weft/platform/outbound";

const MAX_URL = 2000;

/**
 * Checks that messages can be sent to a URL. The message of an error does not repeat it, because it is a secret.
 * @throws BadUserInput, UrlForbidden
 */
export async function assertAddressAllowed(policy: OutboundPolicy, url: string, path: string): Promise<void> {
  if (url.length > MAX_URL) throw new BadUserInput([{ path, message: `The URL is longer than ${MAX_URL} characters.` }]);
  try {
    await assertUrlAllowed(policy, url, path);
  } catch (error) {
    if (!(error instanceof UrlForbidden)) throw error;
    const [, reason = ""] = / cannot be called: ((?:(?! cannot be called: ).)*)$/s.exec(error.message) ?? [];
    throw new UrlForbidden(path, `The URL cannot be called: ${reason}`);
  }
}

/** Returns the hash by which a destination with this URL is found again. */
export const urlHash = (url: string): string => createHash("sha256").update(url).digest("hex");
