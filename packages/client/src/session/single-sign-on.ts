/** A login at an identity provider, in this window. `docs/how-to/single-sign-on.md` describes the steps. */
import { WeftError } from "../errors.js";
import type { SingleSignOnGrant } from "./grant.js";

const key = "weft:single-sign-on";

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

export interface StartSingleSignOn {
  /** `startUrl` of the provider, from the query `loginMethods`. */
  readonly startUrl: string;
  /** Page of the application to which the provider returns. It is one of the provider's `redirectUrls`. */
  readonly redirectUrl: string;
  /** Lets the provider ask for a login even if it has a session, to prove again who the user is. */
  readonly prompt?: "login";
}

/** Opens the provider's page in this window. The page at `redirectUrl` calls `singleSignOnGrant`. */
export async function startSingleSignOn({ startUrl, redirectUrl, prompt }: StartSingleSignOn): Promise<void> {
  const [codeVerifier, state] = [random(), random()];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier));
  sessionStorage.setItem(key, JSON.stringify({ codeVerifier, state }));
  const url = new URL(startUrl);
  url.searchParams.set("redirect_url", redirectUrl);
  url.searchParams.set("code_challenge", base64url(new Uint8Array(digest)));
  url.searchParams.set("state", state);
  if (prompt) url.searchParams.set("prompt", prompt);
  location.assign(url);
}

/**
 * Reads the provider's answer from the page's address. Null: the address has none for a login that began in this window. It can be read once.
 *
 * @throws WeftError with the code `SINGLE_SIGN_ON_FAILED` if the login was refused
 */
export function singleSignOnGrant(url: string = location.href): SingleSignOnGrant | null {
  const { searchParams } = new URL(url);
  const [code, state, error] = ["code", "state", "error"].map((name) => searchParams.get(name));
  const started = JSON.parse(sessionStorage.getItem(key) ?? "null") as { codeVerifier: string; state: string } | null;
  // Anybody can link to the page with an answer. One that belongs to no login of this window says nothing, and ends no login.
  if (!started || state !== started.state || (!error && !code)) return null;
  sessionStorage.removeItem(key);
  if (error || !code)
    throw new WeftError({
      message: searchParams.get("error_description") ?? `The identity provider answered ${error}.`,
      extensions: { code: "SINGLE_SIGN_ON_FAILED", error },
    });
  return { code, codeVerifier: started.codeVerifier };
}
