import { isIP } from "node:net";
import type { SettingValues } from "./settings.js";

/** OWASP's minimum for argon2id with one lane (Password Storage Cheat Sheet). A demo and tests may take less. */
export const passwordCostFloor = { memoryKib: 19_456, passes: 2 } as const;

const wellKnownPasswords = new Set(
  "postgres password weft admin admin123 secret changeme change-me redis root test guest example default letmein qwerty 123456 12345678 123456789 postgres123 password123 passw0rd".split(
    " ",
  ),
);

/**
 * The settings that production does not start with although each is valid by itself, as problems that name the setting, its value
 * (unless it is a secret) and the way out. Settings that are absent were refused before.
 */
export function weakSettings(values: Partial<SettingValues>): string[] {
  if (values.WEFT_MODE !== "production") return [];
  return [
    ...passwordCostProblems(values),
    ...originProblems(values),
    ...publicUrlProblems(values),
    ...mailServerProblems(values),
    ...edgeProblems(values),
    ...defaultSecretProblems(values),
  ];
}

function passwordCostProblems({ PASSWORD_MEMORY_KIB, PASSWORD_PASSES }: Partial<SettingValues>): string[] {
  const { memoryKib, passes } = passwordCostFloor;
  const problems: string[] = [];
  if (PASSWORD_MEMORY_KIB !== undefined && PASSWORD_MEMORY_KIB < memoryKib) {
    problems.push(
      `PASSWORD_MEMORY_KIB: ${PASSWORD_MEMORY_KIB} KiB makes stolen password hashes easy to guess. Production needs at least ${memoryKib} (19 MiB); leave the setting out for that`,
    );
  }
  if (PASSWORD_PASSES !== undefined && PASSWORD_PASSES < passes) {
    problems.push(
      `PASSWORD_PASSES: ${PASSWORD_PASSES} makes stolen password hashes easy to guess. Production needs at least ${passes}; leave the setting out for that`,
    );
  }
  return problems;
}

function originProblems({ WEFT_CORS_ORIGINS }: Partial<SettingValues>): string[] {
  if (!WEFT_CORS_ORIGINS?.includes("*")) return [];
  return [
    'WEFT_CORS_ORIGINS: "*" opens the API to the pages of every site. Name the origins, for example https://app.example.com; production does not start otherwise',
  ];
}

/** Links in mails let people in (invitations, new passwords): over http, whoever is on the network reads them. */
function publicUrlProblems({ SMTP_URL, WEFT_PUBLIC_URL }: Partial<SettingValues>): string[] {
  if (SMTP_URL === undefined) return [];
  if (WEFT_PUBLIC_URL === undefined) return ["WEFT_PUBLIC_URL: is not set, and mails need it (SMTP_URL): their links begin with it"];
  const { protocol, hostname } = new URL(WEFT_PUBLIC_URL);
  if (protocol === "https:" || isLoopback(hostname)) return [];
  return [
    `WEFT_PUBLIC_URL: ${WEFT_PUBLIC_URL} is not encrypted, and links in mails that let people in begin with it (SMTP_URL). Use an https:// address`,
  ];
}

/** Mails with such links pass through the mail server's connection: whoever is on the way reads them, or offers no TLS in its place. */
function mailServerProblems({ SMTP_URL }: Partial<SettingValues>): string[] {
  if (SMTP_URL === undefined) return [];
  const { protocol, hostname, searchParams } = new URL(SMTP_URL);
  if (isLoopback(hostname)) return [];
  if (searchParams.get("tls.rejectUnauthorized") === "false")
    return [
      "SMTP_URL: tls.rejectUnauthorized=false takes any server for the mail server. Leave it out, and give the server a certificate that can be verified",
    ];
  const isEncrypted = protocol === "smtps:" || (searchParams.get("requireTLS") === "true" && searchParams.get("ignoreTLS") !== "true");
  if (isEncrypted && searchParams.get("secure") !== "false") return [];
  return [
    `SMTP_URL: mails with links that let people in go to ${hostname} without encryption that can be relied on. Use smtps://, or smtp:// with ?requireTLS=true`,
  ];
}

function edgeProblems({ WEFT_TRUSTED_PROXIES = [], WEFT_HOSTS = [], WEFT_PUBLIC_URL }: Partial<SettingValues>): string[] {
  const everybody = WEFT_TRUSTED_PROXIES.filter((range) => /\/0+$/.test(range));
  const wide = WEFT_HOSTS.filter((host) => /^\*\.[^.]+$/.test(host));
  const { username = "", password = "", search = "", hash = "" } = WEFT_PUBLIC_URL === undefined ? {} : new URL(WEFT_PUBLIC_URL);
  return [
    ...everybody.map(
      (range) =>
        `WEFT_TRUSTED_PROXIES: ${range} is every address, so each client could say in X-Forwarded-For who it is and be counted as somebody else. Name your proxies`,
    ),
    ...wide.map(
      (host) => `WEFT_HOSTS: ${host} is every name of a top-level domain, an attacker's too. Name your own, for example *.example.com`,
    ),
    ...(username + password + search + hash === ""
      ? []
      : [
          "WEFT_PUBLIC_URL: has a user name, a password, a query or a fragment, and links in mails begin with it. Give scheme, host and path alone",
        ]),
  ];
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    (isIP(hostname) === 4 && hostname.startsWith("127."))
  );
}

function defaultSecretProblems(values: Partial<SettingValues>): string[] {
  const names = ["DATABASE_OWNER_URL", "DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_AUTH_URL", "REDIS_URL", "SMTP_URL"] as const;
  return names.flatMap((name) => {
    const url = values[name];
    if (url === undefined) return [];
    const { user, password } = credentialsIn(url);
    if (wellKnownPasswords.has(password.toLowerCase()))
      return [`${name}: its password is a well-known default; production does not start with it`];
    if (password !== "" && password === user) return [`${name}: its password is the name of its user; production does not start with it`];
    return [];
  });
}

/** As it is written where it is no proper encoding: whatever it means then, it is no well-known default. */
function credentialsIn(url: string): { readonly user: string; readonly password: string } {
  const { username, password } = new URL(url);
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return { user: username, password };
  }
}
