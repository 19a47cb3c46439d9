import { type Problem, quote } from "@weft/shared/errors";

const MAX_URLS = 20;
const MAX_LENGTH = 2_000;
const localHosts: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Returns the problems of the URLs to which logins can return. A login's URL is compared with them character by character (RFC 9700, 2.1). They use TLS,
 * except those of the user's own computer. Logins with a directory have none.
 */
export function redirectUrlProblems({ kind }: { readonly kind: string }, urls: readonly string[]): Problem[] {
  if (kind === "LDAP")
    return urls.length === 0
      ? []
      : [{ path: "input.redirectUrls", message: "Logins with a directory return nowhere. Give an empty list." }];
  if (urls.length === 0 || urls.length > MAX_URLS) return [{ path: "input.redirectUrls", message: `Give 1 to ${MAX_URLS} URLs.` }];
  return urls.flatMap((url, at) => {
    const message = browserUrlProblem(url);
    return message === null ? [] : [{ path: `input.redirectUrls.${at}`, message: `${quote(url)} ${message}` }];
  });
}

/** Returns what is wrong with a URL that browsers are sent to. Null if nothing is. */
export function browserUrlProblem(text: string): string | null {
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters.`;
  if (!URL.canParse(text)) return "is not a valid URL. Use an absolute URL, for example https://app.acme.example/login.";
  const { protocol, hostname, hash, username, password } = new URL(text);
  if (protocol !== "https:" && !(protocol === "http:" && localHosts.has(hostname))) return "must start with https://.";
  if (hash !== "" || text.includes("#")) return "must not have a fragment.";
  return username !== "" || password !== "" ? "must not contain a user name or password." : null;
}
