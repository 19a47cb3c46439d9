import { createHash } from "node:crypto";

/**
 * The cookie that binds a login to the browser in which it began. Its name contains a hash of the login's `state`, so that logins in several tabs do not
 * overwrite each other's. Over TLS it has the prefix `__Host-`, so that no other host of the domain can set it.
 */
export interface LoginCookie {
  readonly name: string;
  readonly attributes: string;
}

/** @param publicUrl where browsers reach the gateway */
export function loginCookie(publicUrl: string, state: string): LoginCookie {
  const isSecure = publicUrl.startsWith("https:");
  const hash = createHash("sha256").update(state).digest("hex").slice(0, 16);
  return {
    name: `${isSecure ? "__Host-" : ""}weft-sso-${hash}`,
    // Lax: the provider's page sends the browser back with a GET of the whole page.
    attributes: `Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`,
  };
}

/** Returns the value of a cookie of a request. Undefined if there is none, or more than one. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "").split(";").flatMap((pair) => {
    const [key = "", ...value] = pair.split("=");
    return key.trim() === name ? [value.join("=").trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}
