import { randomBytes } from "node:crypto";
import { standardKeyOf, type InboundScheme } from "./verify.js";

const MAX_SECRET_CHARS = 512;
const MIN_SECRET_CHARS = 8;

/** Returns a new secret of the scheme. */
export const newInboundSecret = (scheme: InboundScheme): string =>
  scheme === "STANDARD_WEBHOOKS" ? `whsec_${randomBytes(32).toString("base64")}` : randomBytes(32).toString("hex");

/** Returns what is wrong with the secret of a sender, or null. The message does not contain the secret. */
export function inboundSecretProblem(scheme: InboundScheme, secret: string): string | null {
  if (scheme === "STANDARD_WEBHOOKS" && standardKeyOf(secret) === null)
    return "A secret of Standard Webhooks is whsec_ and 16 to 128 bytes in Base64.";
  // Others would not survive a header or a form in which somebody enters them.
  if (!/^[\x20-\x7e]*$/.test(secret) || secret.trim() !== secret)
    return "The secret contains characters that are not visible ASCII, or spaces at its ends.";
  if (secret.length < MIN_SECRET_CHARS || secret.length > MAX_SECRET_CHARS)
    return `The secret has ${secret.length} characters. It must have ${MIN_SECRET_CHARS} to ${MAX_SECRET_CHARS}.`;
  return null;
}
