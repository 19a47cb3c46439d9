import { OAuthRefusal } from "./oauth-refusal.js";

/** Credentials of a client: the ID of an API key, and the key itself. */
export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

/** Parameters of a token request. */
export type TokenParameters = ReadonlyMap<string, string>;

/** Parses a form. @throws OAuthRefusal if it has a parameter twice (RFC 6749, section 3.2) */
export function parseForm(text: string): TokenParameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (parameters.has(name)) throw new OAuthRefusal("invalid_request", "A parameter occurs more than once.");
    // A parameter without a value counts as omitted.
    if (value !== "") parameters.set(name, value);
  }
  return parameters;
}

/** Returns a parameter. @throws OAuthRefusal if it is missing */
export function required(parameters: TokenParameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new OAuthRefusal("invalid_request", `The parameter ${name} is missing.`);
  return value;
}

/**
 * Returns the client's credentials, from the Authorization header (HTTP Basic) or from the form.
 * @throws OAuthRefusal if there are none, or both
 */
export function clientCredentials(authorization: string | undefined, parameters: TokenParameters): ClientCredentials {
  const [id, secret] = [parameters.get("client_id"), parameters.get("client_secret")];
  if (authorization === undefined) {
    if (id === undefined || secret === undefined) throw new OAuthRefusal("invalid_client", "Send client_id and client_secret.");
    return { id, secret };
  }
  const basic = basicCredentials(authorization);
  if (secret !== undefined || (id !== undefined && id !== basic.id))
    throw new OAuthRefusal("invalid_request", "Send the client's credentials in the header or in the form, not in both.");
  return basic;
}

/**
 * Checks that a request that is about a user has no credentials of a client: those that are sent must be valid (RFC 6749, sections 4.3.2 and 6), and the
 * clients of users have none.
 * @throws OAuthRefusal
 */
export function assertNoClient(authorization: string | undefined, parameters: TokenParameters): void {
  if (authorization === undefined && !parameters.has("client_secret")) return;
  throw new OAuthRefusal("invalid_client", "Omit the client's credentials, which this grant type does not use.");
}

function basicCredentials(authorization: string): ClientCredentials {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1] ?? "";
  const [id, secret, ...more] = Buffer.from(encoded, "base64").toString().split(":");
  if (!id || !secret || more.length > 0) throw new OAuthRefusal("invalid_client", "The Authorization header is not valid. Use HTTP Basic.");
  return { id: formDecoded(id), secret: formDecoded(secret) };
}

/** Both parts are encoded like form values (RFC 6749, section 2.3.1). */
const formDecoded = (text: string): string => new URLSearchParams(`v=${text.replaceAll("&", "%26")}`).get("v") ?? "";
