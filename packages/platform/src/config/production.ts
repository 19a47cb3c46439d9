import { isIP } from "node:net";
import type { SettingValues } from "./settings.js";

/** OWASP's minimum for argon2id with one lane (Password Storage Cheat Sheet). A demo and tests can use less. */
export const passwordCostFloor = { memoryKib: 19_456, passes: 2 } as const;

const wellKnownPasswords = new Set(
  "postgres password weft admin admin123 secret changeme change-me redis root test guest example default letmein qwerty 123456 12345678 123456789 postgres123 password123 passw0rd".split(
    " ",
  ),
);

/**
 * Returns valid but weak settings that production rejects. Each problem contains the setting, its value (unless it is secret), and how to fix it.
 * Missing settings are rejected earlier.
 * @param env variables that are not settings of Weft, but that Node.js and the database's driver read
 */
export function weakSettings(values: Partial<SettingValues>, env: Readonly<Record<string, string | undefined>>): string[] {
  if (values.WEFT_MODE !== "production") return [];
  return [
    ...passwordCostProblems(values),
    ...originProblems(values),
    ...publicUrlProblems(values),
    ...mailServerProblems(values),
    ...smsGatewayProblems(values),
    ...vaultProblems(values),
    ...plaintextProblems(values, env),
    ...certificateProblems(env),
    ...edgeProblems(values),
    ...defaultSecretProblems(values),
  ];
}

function passwordCostProblems({ PASSWORD_MEMORY_KIB, PASSWORD_PASSES }: Partial<SettingValues>): string[] {
  const { memoryKib, passes } = passwordCostFloor;
  const problems: string[] = [];
  if (PASSWORD_MEMORY_KIB !== undefined && PASSWORD_MEMORY_KIB < memoryKib) {
    problems.push(
      `PASSWORD_MEMORY_KIB: ${PASSWORD_MEMORY_KIB} KiB makes stolen password hashes easy to guess. Production needs at least ${memoryKib} (19 MiB); remove the setting to use that`,
    );
  }
  if (PASSWORD_PASSES !== undefined && PASSWORD_PASSES < passes) {
    problems.push(
      `PASSWORD_PASSES: ${PASSWORD_PASSES} makes stolen password hashes easy to guess. Production needs at least ${passes}; remove the setting to use that`,
    );
  }
  return problems;
}

function originProblems({ WEFT_CORS_ORIGINS, WEFT_COOKIE_ORIGINS = [] }: Partial<SettingValues>): string[] {
  return [
    ...(WEFT_CORS_ORIGINS?.includes("*")
      ? [
          'WEFT_CORS_ORIGINS: "*" allows pages of every site to call the API. List the origins, for example https://app.example.com. Production does not start with "*"',
        ]
      : []),
    ...WEFT_COOKIE_ORIGINS.filter((origin) => !origin.startsWith("https://")).map(
      (origin) => `WEFT_COOKIE_ORIGINS: anyone on the network can answer for ${origin}. Production needs https`,
    ),
  ];
}

/** Links in emails grant access (invitations, password resets). Over http, anyone on the network can read them. */
function publicUrlProblems({ SMTP_URL, WEFT_PUBLIC_URL }: Partial<SettingValues>): string[] {
  if (SMTP_URL === undefined) return [];
  if (WEFT_PUBLIC_URL === undefined) return ["WEFT_PUBLIC_URL: is required with SMTP_URL, because links in emails start with it"];
  const { protocol, hostname } = new URL(WEFT_PUBLIC_URL);
  if (protocol === "https:" || isLoopback(hostname)) return [];
  return [
    `WEFT_PUBLIC_URL: ${WEFT_PUBLIC_URL} is not encrypted, and links in emails that grant access start with it (SMTP_URL). Use an https:// URL`,
  ];
}

/** Emails with such links pass through the connection to the mail server. Without enforced TLS, anyone on the path can read them or strip TLS. */
function mailServerProblems({ SMTP_URL }: Partial<SettingValues>): string[] {
  if (SMTP_URL === undefined) return [];
  const { protocol, hostname, searchParams } = new URL(SMTP_URL);
  if (isLoopback(hostname)) return [];
  if (searchParams.get("tls.rejectUnauthorized") === "false")
    return [
      "SMTP_URL: tls.rejectUnauthorized=false accepts any server as the mail server. Remove it and use a certificate that can be verified",
    ];
  const isEncrypted = protocol === "smtps:" || (searchParams.get("requireTLS") === "true" && searchParams.get("ignoreTLS") !== "true");
  if (isEncrypted && searchParams.get("secure") !== "false") return [];
  return [
    `SMTP_URL: emails with links that grant access are sent to ${hostname} without enforced encryption. Use smtps://, or smtp:// with ?requireTLS=true`,
  ];
}

/** Each request to the gateway contains the secret of the account, and codes that confirm phone numbers. */
function smsGatewayProblems({ WEFT_SMS_URL }: Partial<SettingValues>): string[] {
  if (WEFT_SMS_URL === undefined) return [];
  const { protocol, hostname } = new URL(WEFT_SMS_URL);
  if (protocol === "https:" || isLoopback(hostname)) return [];
  return [`WEFT_SMS_URL: the secret of the account would be sent to ${hostname} without encryption. Use an https:// URL`];
}

/** All keys of the installation pass through this connection. */
function vaultProblems({ WEFT_VAULT_URL }: Partial<SettingValues>): string[] {
  if (WEFT_VAULT_URL === undefined) return [];
  const { protocol, hostname } = new URL(WEFT_VAULT_URL);
  if (protocol === "https:" || isLoopback(hostname)) return [];
  return [`WEFT_VAULT_URL: the keys would be sent from ${hostname} without encryption. Use an https:// URL`];
}

/** Settings with the URL of a service of the installation, and how to encrypt the connection. */
const connections = {
  DATABASE_OWNER_URL: "add ?sslmode=verify-full",
  DATABASE_URL: "add ?sslmode=verify-full",
  DATABASE_WORKER_URL: "add ?sslmode=verify-full",
  DATABASE_AUTH_URL: "add ?sslmode=verify-full",
  REDIS_URL: "use rediss://",
  S3_ENDPOINT: "use https://",
  WEFT_SUBGRAPH_IDENTITY_URL: "use https://",
  WEFT_SUBGRAPH_WORKFLOWS_URL: "use https://",
  WEFT_SUBGRAPH_REQUESTS_URL: "use https://",
  WEFT_SUBGRAPH_VENDORS_URL: "use https://",
  WEFT_SUBGRAPH_AUDIT_URL: "use https://",
  // Its daemon has no TLS.
  CLAMD_URL: "run it on this machine, or behind a tunnel",
} as const;

/** These connections carry data of all tenants. On a network that others share, they need TLS, and certificates that are verified. */
function plaintextProblems(values: Partial<SettingValues>, env: Readonly<Record<string, string | undefined>>): string[] {
  const { WEFT_PLAINTEXT_HOSTS = [] } = values;
  return Object.entries(connections).flatMap(([name, remedy]) => {
    const value = values[name as keyof typeof connections];
    if (value === undefined) return [];
    const url = new URL(value);
    if (isProtected(url)) return [];
    return hostsOf(url, env)
      .filter((host) => !isLoopback(host) && !isListed(host, WEFT_PLAINTEXT_HOSTS))
      .map((host) => host.replace(/^\[(.*)\]$/, "$1"))
      .map(
        (host) =>
          `${name}: data would be sent to ${host} without TLS, or to a server whose certificate is not verified. To change this, ${remedy}. If nobody else can read the network in between, add ${host} to WEFT_PLAINTEXT_HOSTS`,
      );
  });
}

/**
 * Returns the hosts to which a driver connects. That of PostgreSQL accepts several, and takes the variable `PGHOST` if there is none. That of Redis takes
 * the parameter `host` then. Otherwise both connect to this machine. Empty for a Unix socket.
 */
function hostsOf({ protocol, hostname, searchParams }: URL, env: Readonly<Record<string, string | undefined>>): string[] {
  const others = protocol.startsWith("postgres") ? [env["PGHOST"] ?? ""] : searchParams.getAll("host");
  const hosts = hostname === "" ? others : [hostname];
  return hosts
    .flatMap((host) => host.toLowerCase().split(","))
    .map((host) => host.trim())
    .filter((host) => host !== "" && !host.startsWith("/"));
}

/**
 * Returns whether a connection is encrypted and its server verified, or is one over a Unix socket (see `socketAddress`). `sslmode=require` accepts every
 * certificate. Of several modes, the driver takes the last.
 */
function isProtected({ protocol, searchParams }: URL): boolean {
  if (protocol === "https:" || protocol === "rediss:") return true;
  if (!protocol.startsWith("postgres")) return false;
  const modes = searchParams.getAll("sslmode");
  const isVerified = modes.length > 0 && modes.every((mode) => /^verify-(?:full|ca)$/.test(mode));
  return isVerified || (searchParams.get("host") ?? "").startsWith("/");
}

/** With this variable, Node.js verifies no certificate of any server. */
function certificateProblems({ NODE_TLS_REJECT_UNAUTHORIZED }: Readonly<Record<string, string | undefined>>): string[] {
  if (NODE_TLS_REJECT_UNAUTHORIZED !== "0") return [];
  return [
    "NODE_TLS_REJECT_UNAUTHORIZED: with 0, certificates are not verified, so anyone on the network can read every connection. Remove it, and name your own authority in NODE_EXTRA_CA_CERTS",
  ];
}

/** Returns whether a host is one of the names, or of the names below one such as `*.example.com`. */
const isListed = (hostname: string, names: readonly string[]): boolean =>
  names
    .map((name) => name.toLowerCase())
    .some((name) => (name.startsWith("*.") ? hostname.endsWith(name.slice(1)) : hostname.replace(/^\[(.*)\]$/, "$1") === name));

function edgeProblems({ WEFT_TRUSTED_PROXIES = [], WEFT_HOSTS = [], WEFT_PUBLIC_URL }: Partial<SettingValues>): string[] {
  const everybody = WEFT_TRUSTED_PROXIES.filter((range) => /\/0+$/.test(range));
  const wide = WEFT_HOSTS.filter((host) => /^\*\.[^.]+$/.test(host));
  const { username = "", password = "", search = "", hash = "" } = WEFT_PUBLIC_URL === undefined ? {} : new URL(WEFT_PUBLIC_URL);
  return [
    ...everybody.map(
      (range) =>
        `WEFT_TRUSTED_PROXIES: ${range} matches every address, so every client could choose its own address with X-Forwarded-For. List your proxies`,
    ),
    ...wide.map(
      (host) =>
        `WEFT_HOSTS: ${host} matches every name of a top-level domain, including those of attackers. List your own domain, for example *.example.com`,
    ),
    ...(username + password + search + hash === ""
      ? []
      : [
          "WEFT_PUBLIC_URL: contains a user name, password, query, or fragment, and links in emails start with it. Use only scheme, host, and path",
        ]),
  ];
}

/** Returns whether a host name of a URL always means this machine. */
export function isLoopback(hostname: string): boolean {
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
      return [`${name}: the password is a well-known default. Production does not start with it`];
    if (password !== "" && password === user) return [`${name}: the password equals the user name. Production does not start with it`];
    return [];
  });
}

/** Falls back to the raw text if the encoding is invalid; such a text is never a well-known default. */
function credentialsIn(url: string): { readonly user: string; readonly password: string } {
  const { username, password } = new URL(url);
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return { user: username, password };
  }
}
