import type { Keys } from "@weft/platform/config";
import { ApiClient } from "@weft/standalone";

/** Members whose values only their owner may know: passwords, one-time tokens, keys that are shown once. */
const secretMember = /^recoveryCodes?$|(password|secret|token|apiKey)$/i;
/** Shorter values, such as codes of six digits, occur in tables by chance. */
const shortest = 12;

const secretsByUrl = new Map<string, Set<string>>();

/** Returns the secrets that tests sent to, or received from, the Weft at a URL since it was started. */
export function knownSecrets(url: string): ReadonlySet<string> {
  return secretsByUrl.get(url) ?? new Set();
}

/** Adds a secret that did not pass through the API, such as a token in an email. */
export function rememberSecret(url: string, secret: string): void {
  if (secret.length < shortest) return;
  const known = secretsByUrl.get(url);
  if (known) known.add(secret);
  else secretsByUrl.set(url, new Set([secret]));
}

/** Drops the secrets of a Weft that has stopped. */
export const forgetSecrets = (url: string): boolean => secretsByUrl.delete(url);

/** Returns the secret keys of an installation in the forms in which they could be written down. */
export function keysAsSecrets({ access, checkpoint, refresh, cursor, internalCall, masterKey, databasePasswords }: Keys): string[] {
  const symmetric = [refresh, cursor, internalCall, masterKey].flatMap((key) => [key.toString("base64url"), key.toString("hex")]);
  return [access.privateJwk.d, checkpoint.privateJwk.d, ...symmetric, ...Object.values(databasePasswords)];
}

/** Remembers the values of all secret members of an operation's variables or result. All values below `credentials` are secret. */
function rememberAll(url: string, value: unknown, kind: "secret" | "credentials" | "other" = "other"): void {
  if (typeof value === "string") {
    if (kind !== "other") rememberSecret(url, value);
  } else if (Array.isArray(value)) {
    for (const item of value) rememberAll(url, item, kind);
  } else if (typeof value === "object" && value !== null) {
    // Mutations such as `resetPassword` have an object under a name that looks like a secret's.
    for (const [name, member] of Object.entries(value)) rememberAll(url, member, kind === "credentials" ? kind : kindOf(name));
  }
}

function kindOf(member: string): "secret" | "credentials" | "other" {
  if (member === "credentials") return "credentials";
  return secretMember.test(member) ? "secret" : "other";
}

// Called with the client as `this` below.
// oxlint-disable-next-line typescript/unbound-method
const { send } = ApiClient.prototype;

/** Lets every client of the tests remember the secrets that it sends and receives. */
export function observeClients(): void {
  ApiClient.prototype.send = async function <T>(this: ApiClient, query: string, variables: Record<string, unknown> = {}) {
    rememberAll(this.url, variables);
    const result = await send.call(this, query, variables);
    rememberAll(this.url, result.data);
    return result as Awaited<ReturnType<typeof send<T>>>;
  };
}
