import { isIP } from "node:net";
import { z } from "zod";
import { defaultFileTypes } from "../files/file-types.js";
import { flagKeys, isFlagKey } from "../flags/declared-flags.js";
import { isOutboundEntry } from "../outbound/policy.js";

const whole = z.coerce.number({ error: "must be a whole number" }).int({ error: "must be a whole number" });
const count = (min: number, max: number) => {
  const error = `must be from ${min} to ${max}`;
  return whole.min(min, { error }).max(max, { error });
};
const port = count(0, 65535);
const oneOf = <T extends string>(...values: T[]) => z.enum(values, { error: `must be one of ${values.join(", ")}` });
const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(" or ")}`,
  });
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);
const postgres = url("postgres:", "postgresql:");
const listOf = (isFit: (item: string) => boolean, what: string) =>
  list.refine((items) => items.every(isFit), { error: `must be ${what}, separated by commas` });
/** An origin as browsers send it. Origins are compared as a whole, so one with a trailing slash would never match. */
const isOrigin = (text: string): boolean => URL.canParse(text) && /^https?:\/\//.test(text) && new URL(text).origin === text;

const isPasskeyDomain = (text: string): boolean =>
  text === "localhost" || (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(text) && isIP(text) === 0);

/** An IP address, optionally with a port. */
const isDnsServer = (text: string): boolean =>
  isIP(text) !== 0 || isIP(/^(?:\[(.+)\]|([\d.]+)):\d{1,5}$/.exec(text)?.slice(1).join("") ?? "") !== 0;

/** Text of a variant of the API: its name, and the tags of what it contains and, after `!`, of what it does not contain. */
const variant = /^([a-z][a-z0-9-]{0,39})=((?:!?[\w/:-]+ ?)+)$/;

/** The parts of a variant's text, which is valid. */
export function variantOfText(text: string): {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
} {
  const [, name = "", tags = ""] = variant.exec(text) ?? [];
  const given = tags.trim().split(" ");
  const exclude = given.filter((tag) => tag.startsWith("!")).map((tag) => tag.slice(1));
  return { name, include: given.filter((tag) => !tag.startsWith("!")), exclude };
}

const areVariants = (texts: readonly string[]): boolean =>
  texts.every((text) => variant.test(text) && variantOfText(text).include.length > 0) &&
  new Set(texts.map((text) => variantOfText(text).name)).size === texts.length;

/** A feature flag with its value. */
const flagValue = /^[a-z-]+=(?:on|off)$/;

const isHostName = (text: string): boolean => /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i.test(text);

function isAddressOrRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}

/** `weft@example.com` or `Weft <weft@example.com>`, on one line. */
const mailbox = z.string().regex(/^(?:[^<>@"\p{Cc}]+ <[^\s<>@,;"]+@[^\s<>@,;"]+>|[^\s<>@,;"]+@[^\s<>@,;"]+)$/u, {
  error: "must be an address such as weft@example.com, or Weft <weft@example.com>",
});

const rateText = /^(\d{1,12})( cost)?\/(second|minute|hour|day)$/;
const rateWindows = {
  second: "perSecond",
  minute: "perMinute",
  hour: "perHour",
  day: "perDay",
  "cost minute": "costPerMinute",
  "cost hour": "costPerHour",
  "cost day": "costPerDay",
} as const;
export type RateWindow = (typeof rateWindows)[keyof typeof rateWindows];

/** The windows of a rate's text, such as `100/second, 1200/minute, 500000 cost/minute`. Undefined if it is not valid. */
export function rateOfText(text: string): Readonly<Partial<Record<RateWindow, number>>> | undefined {
  const windows: Partial<Record<RateWindow, number>> = {};
  for (const part of text === "none" ? [] : text.split(",")) {
    const [, allowed, cost, unit] = rateText.exec(part.trim()) ?? [];
    const window = rateWindows[`${cost === undefined ? "" : "cost "}${unit ?? ""}` as keyof typeof rateWindows] as RateWindow | undefined;
    if (window === undefined || Number(allowed) < 1) return undefined;
    windows[window] = Number(allowed);
  }
  return windows;
}

const rate = z.string().refine((text) => rateOfText(text) !== undefined, {
  error: "must be a rate such as 100/second, 1200/minute, 500000 cost/minute, or none",
});

/** A setting: how to parse its text, and its documentation for `.env.example` and the settings page. */
export interface Setting<T = unknown> {
  readonly schema: z.ZodType<T>;
  readonly group: string;
  readonly description: string;
  /** Shown in `.env.example` if the default is derived or missing. */
  readonly example?: string;
  /** Whether the value is a secret or contains one. It can then come from a file or a Vault-compatible server, and is never shown. */
  readonly isSecret?: true;
}

const setting = <T>(group: string, schema: z.ZodType<T>, description: string, example?: string): Setting<T> => ({
  schema,
  group,
  description,
  ...(example !== undefined && { example }),
});

const secret = <T>(plain: Setting<T>): Setting<T> & { readonly isSecret: true } => ({ ...plain, isSecret: true });

/** All settings of Weft. Their names are the names of environment variables and of members of the configuration file. */
export const settings = {
  WEFT_MODE: setting(
    "General",
    oneOf("demo", "production").default("demo"),
    "demo: creates its keys, seeds demo tenants with known passwords, and opens Apollo Sandbox. production: does none of these.",
  ),
  WEFT_DEMO_DATA: setting(
    "General",
    oneOf("full", "minimal").default("full"),
    "Data that a demo starts with. full: three months of history for Acme, with requests, tasks, projects, and notifications. minimal: only users, buildings, and definitions. Read at the first start only.",
  ),
  WEFT_DOCS: setting(
    "General",
    oneOf("on", "off").optional(),
    "Whether the gateway serves the documentation at /docs/. Build it with `pnpm run docs:site`; after `pnpm start`, Weft builds it when somebody opens it. Default: on in demo mode, off in production.",
    "off",
  ),
  WEFT_CONSOLE: setting(
    "General",
    oneOf("on", "off").default("on"),
    "Whether the gateway serves the console at /console/, where people do their work. Build it with `pnpm run console`; after `pnpm start`, Weft builds it when somebody opens it. Its users log in with cookies: in production at the origin of WEFT_PUBLIC_URL, which must use https and have the host that the gateway is called by.",
  ),
  WEFT_OAUTH_PASSWORD_GRANT: setting(
    "General",
    oneOf("on", "off").default("off"),
    "Whether /oauth/token also accepts the password grant, with which programs send the password of a user. OAuth 2.1 removes it. Use it only for old clients that know nothing else.",
  ),
  WEFT_API_VARIANTS: setting(
    "General",
    list
      .refine(areVariants, {
        error: "must be variants such as desk=area/requests area/tasks !area/files, separated by commas, each with another name",
      })
      .default([]),
    "Parts of the API that the gateway also serves, at /variants/NAME/graphql. A variant contains the root fields with one of its tags, and what they lead to, except fields with a tag after `!`. Tags are `area/` and the name of an area, and `vendor-portal`.",
    "desk=area/requests area/tasks !area/files",
  ),
  WEFT_FLAGS: setting(
    "General",
    list
      .refine((items) => items.every((item) => flagValue.test(item) && isFlagKey(item.split("=")[0] ?? "")), {
        error: `must be flags such as rest-api=off, separated by commas. Flags are: ${flagKeys.join(", ")}`,
      })
      .default([]),
    "Feature flags with the same value for everybody, on or off. They take precedence over WEFT_FLAGS_FILE.",
    "rest-api=off",
  ),
  WEFT_FLAGS_FILE: setting(
    "General",
    z.string().min(1).optional(),
    "JSON file with feature flags in the format of flagd, with rules for tenants. A changed file is used within seconds.",
    "/etc/weft/flags.json",
  ),
  WEFT_FLAGS_ENVIRONMENT: setting(
    "General",
    z.string().min(1).optional(),
    "Name of this installation in the rules of feature flags (environment). Default: WEFT_MODE.",
    "staging",
  ),
  WEFT_FIELD_USAGE_SECONDS: setting(
    "General",
    count(0, 3_600).default(60),
    "Seconds between the times at which a gateway writes which client has used which fields of the API, for the query fieldUsage. 0: it does not count.",
  ),
  WEFT_AUDIT_SECONDS: setting(
    "General",
    count(0, 3_600).default(1),
    "Seconds between the times at which a gateway writes the refusals, failures and sensitive reads that it has counted for the audit trail. 0: it does not count.",
  ),
  PORT: setting("General", port.default(4000), "Port of the gateway. 0 picks a free port."),
  HOST: setting(
    "General",
    z.string().min(1).default("127.0.0.1"),
    "Address that the gateway listens on. Use 0.0.0.0 for all interfaces, behind a proxy that terminates TLS. If other machines can reach it, WEFT_MODE must be set.",
  ),
  WEFT_DATA_DIR: setting(
    "General",
    z.string().min(1).default(".weft"),
    "Directory of the bundled PostgreSQL's data and of the keys file, relative to the working directory.",
  ),
  WEFT_KEYS_FILE: setting(
    "General",
    z.string().min(1).optional(),
    "File with all secret keys (mode 0600). Demo mode creates it at the first start; production never creates it. Default: keys.json in WEFT_DATA_DIR.",
    ".weft/keys.json",
  ),
  WEFT_VAULT_URL: setting(
    "General",
    url("https:", "http:").optional(),
    "Vault-compatible server (HashiCorp Vault, OpenBao) that stores the keys instead of the keys file, or encrypts it (WEFT_VAULT_TRANSIT_KEY). Each process reads the keys at its start, and again every minute.",
    "https://vault.example.com:8200",
  ),
  WEFT_VAULT_TOKEN_FILE: setting(
    "General",
    z.string().min(1).optional(),
    "File with the token for the server, which an agent can replace. Read for each request.",
    "/run/vault/token",
  ),
  WEFT_VAULT_ROLE_ID: setting(
    "General",
    z.string().min(1).optional(),
    "Role ID for the auth method AppRole, instead of WEFT_VAULT_TOKEN_FILE. Requires WEFT_VAULT_SECRET_ID_FILE. Weft renews its token, and logs in again in time.",
    "db02de05-fa39-4855-059b-67221c5c2f63",
  ),
  WEFT_VAULT_SECRET_ID_FILE: setting(
    "General",
    z.string().min(1).optional(),
    "File with the secret ID of WEFT_VAULT_ROLE_ID. Read at each login.",
    "/run/vault/secret-id",
  ),
  WEFT_VAULT_KUBERNETES_ROLE: setting(
    "General",
    z.string().min(1).optional(),
    "Role for the auth method Kubernetes, instead of WEFT_VAULT_TOKEN_FILE: Weft logs in with the token of its service account.",
    "weft",
  ),
  WEFT_VAULT_KUBERNETES_TOKEN_FILE: setting(
    "General",
    z.string().min(1).default("/var/run/secrets/kubernetes.io/serviceaccount/token"),
    "File with the token of the service account. Read at each login, because Kubernetes replaces it.",
  ),
  WEFT_VAULT_LOGIN_MOUNT: setting(
    "General",
    z
      .string()
      .regex(/^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/, { error: "must be a path such as approle" })
      .optional(),
    "Path at which the server has enabled the auth method, without auth/. Default: approle or kubernetes.",
    "kubernetes-eu",
  ),
  WEFT_VAULT_KEYS: setting(
    "General",
    z
      .string()
      .regex(/^(?:[\w-][\w.-]*\/)+data(?:\/[\w-][\w.-]*)+$/, { error: "must have the form MOUNT/data/NAME" })
      .default("secret/data/weft"),
    "Path of the secret with the keys, in a key-value store of version 2. Its members are those of the keys file.",
  ),
  WEFT_VAULT_TRANSIT_KEY: setting(
    "General",
    z
      .string()
      .regex(/^(?:[\w-][\w.-]*\/)+[\w-][\w.-]*$/, { error: "must have the form MOUNT/NAME" })
      .optional(),
    "Key of the server's Transit engine that encrypts the keys file. The keys are then in this file, and WEFT_VAULT_KEYS is not used.",
    "transit/weft",
  ),
  WEFT_VAULT_NAMESPACE: setting("General", z.string().min(1).optional(), "Namespace on the server.", "weft"),
  WEFT_CONFIG_FILE: setting(
    "General",
    z.string().min(1).optional(),
    "JSON file with settings by these names. Environment variables take precedence. Default: weft.config.json, if it exists.",
    "weft.config.json",
  ),
  LOG_LEVEL: setting(
    "General",
    oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent").default("info"),
    "Minimum log level. Logs go to standard output. info includes one line per operation.",
  ),
  LOG_FORMAT: setting(
    "General",
    oneOf("pretty", "json").optional(),
    "pretty: shortened lines for people. json: one complete JSON object per line. Default: pretty in demo mode, json in production.",
    "json",
  ),

  DATABASE_OWNER_URL: secret(
    setting(
      "Database",
      postgres.optional(),
      "URL of PostgreSQL 15 or newer for the role that owns Weft's tables or can create roles. Used for migrations. If no database setting is set, Weft starts its bundled PostgreSQL.",
      "postgres://weft_owner:…@localhost:5432/weft",
    ),
  ),
  DATABASE_URL: secret(
    setting(
      "Database",
      postgres.optional(),
      "URL for the role that serves tenants. Default: derived from DATABASE_OWNER_URL (role weft_app, password from the keys file). To connect over a Unix socket, append its directory: ?host=/run/postgresql.",
      "postgres://weft_app:…@localhost:5432/weft",
    ),
  ),
  DATABASE_WORKER_URL: secret(
    setting(
      "Database",
      postgres.optional(),
      "URL for the role of background work. Default: derived like DATABASE_URL (role weft_worker).",
      "postgres://weft_worker:…@localhost:5432/weft",
    ),
  ),
  DATABASE_AUTH_URL: secret(
    setting(
      "Database",
      postgres.optional(),
      "URL for the role that looks up logins and loads viewers. Default: derived like DATABASE_URL (role weft_auth).",
      "postgres://weft_auth:…@localhost:5432/weft",
    ),
  ),
  DATABASE_POOL_SIZE: setting(
    "Database",
    count(1, 500).default(12),
    "Connections per process for requests of tenants. All pools of all processes must fit into max_connections; this is checked at startup.",
  ),
  DATABASE_WORKER_POOL_SIZE: setting(
    "Database",
    count(5, 100).default(6),
    "Connections per process for background work. The relay and the sealer hold one each.",
  ),
  DATABASE_AUTH_POOL_SIZE: setting("Database", count(1, 100).default(4), "Connections per process for logins and viewers."),
  DATABASE_PROCESSES: setting(
    "Database",
    count(1, 1000).default(1),
    "Number of processes that share the database. Used to check the connection budget.",
  ),
  DATABASE_STATEMENT_TIMEOUT_MS: setting(
    "Database",
    count(100, 600_000).default(10_000),
    "Time after which a statement is canceled, in milliseconds.",
  ),
  DATABASE_LOCK_TIMEOUT_MS: setting(
    "Database",
    count(100, 600_000).default(5_000),
    "Time that a statement waits for a lock, in milliseconds.",
  ),
  DATABASE_IDLE_TIMEOUT_MS: setting(
    "Database",
    count(1_000, 600_000).default(15_000),
    "Time after which an idle transaction is ended, in milliseconds.",
  ),
  DATABASE_CONNECT_TIMEOUT_MS: setting(
    "Database",
    count(100, 60_000).default(3_000),
    "Time to wait for a new connection, in milliseconds.",
  ),
  DATABASE_WAIT_TIMEOUT_MS: setting(
    "Database",
    count(100, 60_000).default(2_000),
    "Time that a request waits for a free connection, in milliseconds. After that, it fails with SERVICE_UNAVAILABLE.",
  ),

  REDIS_URL: secret(
    setting(
      "Distributed mode",
      url("redis:", "rediss:").optional(),
      "Redis that carries live events, revocations, and limits between processes. Not needed in one-process mode.",
      "redis://localhost:6379",
    ),
  ),
  REDIS_PREFIX: setting(
    "Distributed mode",
    z
      .string()
      .regex(/^[a-z0-9_-]{1,40}$/, { error: "must be 1 to 40 of a-z, 0-9, _ and -" })
      .default("weft"),
    "Prefix of every channel, so that several installations can share a Redis.",
  ),
  WEFT_SUBGRAPH_IDENTITY_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "URL of the identity subgraph, used by the gateway.",
    "http://localhost:4001/graphql",
  ),
  WEFT_SUBGRAPH_WORKFLOWS_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "URL of the workflows subgraph, used by the gateway.",
    "http://localhost:4002/graphql",
  ),
  WEFT_SUBGRAPH_REQUESTS_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "URL of the requests subgraph, used by the gateway.",
    "http://localhost:4003/graphql",
  ),
  WEFT_SUBGRAPH_VENDORS_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "URL of the vendors subgraph, used by the gateway.",
    "http://localhost:4004/graphql",
  ),
  WEFT_SUBGRAPH_AUDIT_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "URL of the audit subgraph, used by the gateway.",
    "http://localhost:4005/graphql",
  ),
  WEFT_SUPERGRAPH_DIR: setting(
    "Distributed mode",
    z.string().min(1).optional(),
    "Directory with the schemas that a gateway process serves: supergraph.graphql and vendor-portal.graphql. Default: dist of the installation.",
    "/etc/weft/schemas",
  ),
  WEFT_SUPERGRAPH_POLL_MS: setting(
    "Distributed mode",
    count(0, 3_600_000).default(2_000),
    "Milliseconds between the times at which a gateway process looks for changes of these files. It serves what has changed without a restart. 0: it does not look.",
  ),
  WEFT_SUBGRAPH_PORT: setting(
    "Distributed mode",
    port.default(0),
    "Port of a subgraph process, and of a worker's health checks; both also show their metrics there. 0 picks a free port.",
    "4001",
  ),
  WEFT_SUBGRAPH_TIMEOUT_MS: setting(
    "Distributed mode",
    count(50, 600_000).default(10_000),
    "Time that the gateway waits for a subgraph, in milliseconds. After that, the subgraph's fields are null. At most four fifths of WEFT_REQUEST_TIMEOUT_MS.",
  ),

  WEFT_PLAINTEXT_HOSTS: setting(
    "Edge",
    listOf(
      (item) => isHostName(item) || isIP(item) !== 0,
      "host names such as redis or *.svc.cluster.local, or addresses, without scheme or port",
    ).default([]),
    "Hosts to which Weft connects without TLS, or without verifying the certificate: PostgreSQL, Redis, S3, ClamAV, and subgraphs, separated by commas. Production refuses others, except this machine. List a host only if nobody else can read the network in between.",
    "postgres,redis",
  ),
  WEFT_HOSTS: setting(
    "Edge",
    listOf(isHostName, "host names such as api.example.com or *.example.com, without scheme or port").default([]),
    "Host names of this server in addition to the host of WEFT_PUBLIC_URL, separated by commas. Requests for other names are refused with 421, which protects against DNS rebinding. IP addresses and localhost are always accepted.",
    "api.example.com",
  ),
  WEFT_MANAGEMENT_PORT: setting(
    "Edge",
    port.optional(),
    "Port for operators, with /metrics and the details of /health/ready. 0 picks a free port. If not set, production serves neither, and a demo serves them on PORT.",
    "9464",
  ),
  WEFT_MANAGEMENT_HOST: setting(
    "Edge",
    z.string().min(1).default("127.0.0.1"),
    "Address that the management port listens on. Use 0.0.0.0 only if nobody but operators can reach it, for example in a container that does not publish the port.",
  ),
  WEFT_TRUSTED_PROXIES: setting(
    "Edge",
    listOf(isAddressOrRange, "addresses or CIDR ranges").default([]),
    "IP addresses or CIDR ranges whose X-Forwarded-For header is trusted, separated by commas.",
    "10.0.0.0/8",
  ),
  WEFT_CORS_ORIGINS: setting(
    "Edge",
    listOf((item) => item === "*" || isOrigin(item), "origins such as https://app.example.com, without a trailing slash").default([]),
    "Origins whose pages can call the API over HTTP and WebSocket, separated by commas. Demo mode also accepts Apollo Sandbox and every localhost and 127.0.0.1 origin.",
    "https://app.example.com",
  ),
  WEFT_COOKIE_ORIGINS: setting(
    "Edge",
    listOf(isOrigin, "origins such as https://app.example.com, without a trailing slash").default([]),
    "Origins whose pages can keep their sessions in cookies, separated by commas. They can also call the API, as with WEFT_CORS_ORIGINS. Applications on these origins share one session per browser. With WEFT_CONSOLE, Weft's own origin needs no entry. If both are off, there are no sessions with cookies.",
    "https://app.example.com",
  ),
  WEFT_STORED_OPERATIONS: setting(
    "Edge",
    oneOf("off", "report", "required").default("off"),
    "Whether clients can send operations that no application has stored, also without a login. off: as each organization has set. report: they can, and are counted. required: they are refused, except those of users with the permission application.explore. An organization can be stricter (security.storedOperations).",
  ),
  WEFT_REQUEST_TIMEOUT_MS: setting("Edge", count(100, 600_000).default(15_000), "Time limit of an operation, in milliseconds."),
  WEFT_CONSISTENCY_WAIT_MS: setting(
    "Edge",
    count(0, 60_000).default(2_000),
    "Maximum time that an operation with a consistency token waits for the state of the token, in milliseconds. After that, it is refused with CONSISTENCY_TIMEOUT.",
  ),
  WEFT_DRAIN_TIMEOUT_MS: setting(
    "Edge",
    count(0, 600_000).default(15_000),
    "Time after SIGTERM at which requests that still run are aborted, in milliseconds. Choose some seconds less than the grace period of your supervisor or orchestrator (20 s here).",
  ),

  WEFT_REGISTRATION: setting(
    "Logins",
    oneOf("open", "closed").optional(),
    "Whether anyone can register an organization (registerOrganization). Default: open in demo mode, closed in production.",
    "closed",
  ),
  WEFT_PASSKEY_DOMAIN: setting(
    "Logins",
    z
      .string()
      .refine(isPasskeyDomain, { error: "must be localhost or a domain such as example.com, without scheme or port, and no IP address" })
      .transform((domain) => domain.toLowerCase())
      .optional(),
    "Domain that passkeys belong to (relying party ID). Browsers offer them on this domain and its subdomains. If you change it, nobody can use the passkeys that exist. Default: the host of WEFT_PUBLIC_URL. Without either, or if that host is an IP address, there are no passkeys.",
    "example.com",
  ),
  WEFT_PASSKEY_ORIGINS: setting(
    "Logins",
    listOf(isOrigin, "origins such as https://app.example.com, without a trailing slash").default([]),
    "Origins of the pages on which users log in with passkeys, separated by commas. Their hosts must be WEFT_PASSKEY_DOMAIN or its subdomains. Must use https://, except localhost. Default: the origin of WEFT_PUBLIC_URL.",
    "https://app.example.com",
  ),
  PASSWORD_MEMORY_KIB: setting(
    "Logins",
    count(8, 4_194_304).default(19_456),
    "Memory that argon2id uses to hash a password, in KiB. Hashes with a lower cost are replaced at the next login. Production refuses values below 19456.",
  ),
  PASSWORD_PASSES: setting("Logins", count(1, 100).default(2), "Passes of argon2id over that memory. Production refuses values below 2."),
  PASSWORD_BREACH_URL: setting(
    "Logins",
    url("http:", "https:").optional(),
    "Service that knows passwords from leaks: base URL of the range search of Have I Been Pwned, or of a compatible one. It gets the first five hexadecimal digits of a new password's SHA-1. A service in a private network must be in WEFT_OUTBOUND_ALLOWED. If not set, or while the service fails, only the offline list of common passwords applies.",
    "https://api.pwnedpasswords.com/range",
  ),

  WEFT_PUBLIC_URL: setting(
    "Mail",
    url("http:", "https:").optional(),
    "Public URL of your application. Links in emails start with it. Must use https:// in production if emails are sent. Default in demo mode: http://127.0.0.1 with PORT.",
    "https://app.example.com",
  ),
  SMTP_URL: secret(
    setting(
      "Mail",
      url("smtp:", "smtps:").optional(),
      "Mail server. smtps:// uses TLS from the start; smtp:// upgrades to TLS if the server supports it (?requireTLS=true requires it). If not set, a demo writes emails as files to WEFT_DATA_DIR/mails, and production sends none.",
      "smtps://user:password@smtp.example.com:465",
    ),
  ),
  MAIL_FROM: setting(
    "Mail",
    mailbox.default("Weft <weft@localhost>"),
    "Sender of emails: an address, or a name followed by an address in angle brackets.",
    "Weft <weft@example.com>",
  ),
  WEFT_INBOUND_MAIL_DOMAIN: setting(
    "Mail",
    z
      .string()
      .refine((text) => isHostName(text) && !text.startsWith("*") && text.length <= 190, {
        error: "must be a domain, such as reply.example.com",
      })
      .transform((text) => text.toLowerCase())
      .optional(),
    "Domain of the addresses to which users reply to emails, and at which emails become requests. The requests subgraph needs it, too, to show the latter. Your mail server must pass on the mail for this domain to WEFT_INBOUND_MAIL_PORT of a worker. If not set, no email is received.",
    "reply.example.com",
  ),
  WEFT_INBOUND_MAIL_HOST: setting(
    "Mail",
    z.string().min(1).default("127.0.0.1"),
    "Address that a worker receives email on. Use 0.0.0.0 only if nobody but your mail server can reach the port, for example in a container that does not publish it.",
  ),
  WEFT_INBOUND_MAIL_PORT: setting(
    "Mail",
    port.default(2525),
    "Port at which a worker receives email with SMTP, if WEFT_INBOUND_MAIL_DOMAIN is set. Only your mail server should reach it. 0 picks a free port.",
  ),

  WEFT_MAIL_BOUNCES: setting(
    "Mail",
    z.enum(["on", "off"]).default("off"),
    "Whether emails ask for reports about their delivery, at addresses of WEFT_INBOUND_MAIL_DOMAIN: `on` sets the return path of each email to one. Your mail server must be allowed to send with these addresses (SPF).",
  ),

  WEFT_SMS_URL: setting(
    "SMS",
    url("http:", "https:").optional(),
    "SMS gateway: base URL of the API of Twilio, or of a compatible one. Requires WEFT_SMS_ACCOUNT, WEFT_SMS_TOKEN and WEFT_SMS_FROM. If not set, no text messages are sent.",
    "https://api.twilio.com",
  ),
  WEFT_SMS_ACCOUNT: setting(
    "SMS",
    z
      .string()
      .regex(/^[\w-]{1,100}$/, { error: "must be an account ID of letters, digits, _ and -" })
      .optional(),
    "Account at the SMS gateway (Account SID).",
    "AC…",
  ),
  WEFT_SMS_TOKEN: secret(
    setting(
      "SMS",
      z
        .string()
        .regex(/^[\x21-\x7e]{1,500}$/, { error: "must be at most 500 ASCII characters without spaces" })
        .optional(),
      "Secret of the account (Auth Token).",
      "…",
    ),
  ),
  WEFT_SMS_FROM: setting(
    "SMS",
    z
      .string()
      .regex(/^(?:\+[1-9]\d{6,14}|[A-Za-z0-9 ]{1,11}|MG[0-9a-f]{32})$/, {
        error: "must be a phone number such as +15005550006, a name of at most 11 letters and digits, or the ID of a messaging service",
      })
      .optional(),
    "Sender of text messages: a phone number in E.164 format, a name, or the ID of a messaging service.",
    "+15005550006",
  ),
  WEFT_SMS_PREFIXES: setting(
    "SMS",
    listOf((item) => /^\+[1-9]\d{0,14}$/.test(item), "country codes or other beginnings of phone numbers, such as +41").default([]),
    "Beginnings of the phone numbers that users can add, separated by commas. Numbers elsewhere can be expensive. Default: all.",
    "+41,+49",
  ),

  FILES_DIR: setting(
    "Files",
    z.string().min(1).optional(),
    "Directory of uploaded files. All gateways and workers must see the same directory; if they run on several machines, use S3_BUCKET instead. Default: files in WEFT_DATA_DIR.",
    ".weft/files",
  ),
  S3_BUCKET: setting(
    "Files",
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: "must be 3 to 63 of a-z, 0-9, . and -" })
      .optional(),
    "Bucket of Amazon S3 or a compatible server that keeps uploaded files instead of FILES_DIR. It must not be public.",
    "weft-files",
  ),
  S3_ENDPOINT: setting(
    "Files",
    url("http:", "https:").optional(),
    "URL of an S3-compatible server. Default: Amazon S3 in S3_REGION.",
    "https://minio.example.com",
  ),
  S3_REGION: setting("Files", z.string().min(1).default("us-east-1"), "Region of the bucket."),
  S3_ACCESS_KEY_ID: secret(
    setting(
      "Files",
      z.string().min(1).optional(),
      "Access key. If not set, credentials come from the environment, as the AWS SDK finds them (roles of instances and containers included).",
      "…",
    ),
  ),
  S3_SECRET_ACCESS_KEY: secret(setting("Files", z.string().min(1).optional(), "Secret of S3_ACCESS_KEY_ID.", "…")),
  FILE_TYPES: setting(
    "Files",
    listOf((item) => /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(item), "media types such as image/png").default([
      ...defaultFileTypes,
    ]),
    "Media types of files that users can upload, separated by commas. Default: common images, documents, texts, audio, and video. Types without a known signature (text/plain, text/csv, …) must be text in UTF-8.",
    "image/jpeg,image/png,application/pdf",
  ),
  CLAMD_URL: setting(
    "Files",
    url("tcp:").optional(),
    "ClamAV's daemon. If set, a file is not available until it has been scanned, and a file with malware is deleted. If not set, files are not scanned.",
    "tcp://localhost:3310",
  ),
  ERASURES_DIR: setting(
    "Files",
    z.string().min(1).optional(),
    "Directory of the list of erased people. It must not be part of the backups of the database, because after a restore, `weft privacy reapply` erases these people again. Not used with ERASURES_S3_BUCKET. Default in a demo: erasures in WEFT_DATA_DIR. In production, workers and `weft privacy reapply` need one of the two settings.",
    ".weft/erasures",
  ),
  ERASURES_S3_BUCKET: setting(
    "Files",
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: "must be 3 to 63 of a-z, 0-9, . and -" })
      .optional(),
    "Bucket with the list of erased people, on the server of S3_BUCKET, instead of ERASURES_DIR. Use another bucket than that of the files.",
    "weft-erasures",
  ),
  LIMIT_FILE_BYTES: setting("Files", count(1, 2_147_483_647).default(100_000_000), "Maximum size of an uploaded file, in bytes."),
  LIMIT_UPLOADS_IN_FLIGHT: setting(
    "Files",
    count(1, 10_000).default(100),
    "Maximum number of uploads that a gateway receives at once. One tenant can use at most three quarters of it, and less if others upload. Further uploads fail with RATE_LIMITED.",
  ),

  AUDIT_CHECKPOINTS_FILE: setting(
    "Audit trail",
    z.string().min(1).optional(),
    "File to which the worker appends checkpoints (signed heads) of the audit trail, a line of JSON each. Put it on another system than the database. `weft audit verify --checkpoints` reads it.",
    "/mnt/audit/checkpoints.jsonl",
  ),
  AUDIT_CHECKPOINTS_S3_BUCKET: setting(
    "Audit trail",
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: "must be 3 to 63 of a-z, 0-9, . and -" })
      .optional(),
    "Bucket to which the worker writes checkpoints of the audit trail, on the server of S3_BUCKET. It needs Object Lock, unless AUDIT_CHECKPOINTS_LOCK_DAYS is 0.",
    "weft-audit-checkpoints",
  ),
  AUDIT_CHECKPOINTS_LOCK_DAYS: setting(
    "Audit trail",
    count(0, 36_500).default(3_650),
    "Days for which a checkpoint in the bucket is locked, in compliance mode: nobody can delete or replace it. 0: what the bucket sets.",
  ),
  AUDIT_CHECKPOINTS_URL: secret(
    setting(
      "Audit trail",
      url("http:", "https:").optional(),
      "URL to which the worker posts checkpoints of the audit trail, as JSON. The receiver answers with 2xx when it has stored them. A receiver in a private network must be in WEFT_OUTBOUND_ALLOWED.",
      "https://audit.example.com/weft",
    ),
  ),
  AUDIT_CHECKPOINTS_MINUTES: setting(
    "Audit trail",
    count(1, 1_440).default(5),
    "Interval at which the newest checkpoint of each organization is written to these places. What was changed in the database is placed within an interval.",
  ),

  WEFT_OUTBOUND_ALLOWED: setting(
    "Outgoing requests",
    listOf(isOutboundEntry, "hosts such as erp.example.com or 10.0.0.5, optionally with a port, or CIDR ranges").default([]),
    "Destinations in private networks that webhooks, connectors and other outgoing requests of tenants can reach, also without TLS, separated by commas. All other destinations must be public and use https.",
    "erp.internal:8443,10.20.0.0/16",
  ),

  WEFT_DNS_SERVERS: setting(
    "Outgoing requests",
    listOf(isDnsServer, "IP addresses such as 10.0.0.53, optionally with a port").default([]),
    "Name servers that are asked whether a domain belongs to a tenant, separated by commas. By default, those of the host are asked.",
    "10.0.0.53,10.0.1.53:5353",
  ),
  WEFT_SANDBOX: setting(
    "Programs",
    oneOf("off", "bubblewrap").optional(),
    "Whether steps of automations can run programs (script, shell), and in which sandbox. bubblewrap: Debian's package bubblewrap, on Linux. If it cannot be used, the steps fail. Read by workers. Default: off in production, bubblewrap in a demo that only this machine can reach.",
    "bubblewrap",
  ),

  WEFT_STEPS_AT_ONCE: setting(
    "Automation",
    count(1, 1_000).default(64),
    "Maximum number of steps that a worker does at the same time. A tenant can use half of them, and its equal share if others have steps to do.",
  ),
  WEFT_STEP_LEASE_SECONDS: setting(
    "Automation",
    count(2, 3_600).default(30),
    "Time after which another worker takes over a step whose worker no longer reports, in seconds.",
  ),

  LIMIT_QUERY_DEPTH: setting("Limits", count(1, 100).default(15), "Maximum depth of selections in an operation."),
  LIMIT_QUERY_TOKENS: setting("Limits", count(10, 100_000).default(4_000), "Maximum number of tokens in a document."),
  LIMIT_QUERY_ALIASES: setting("Limits", count(0, 10_000).default(30), "Maximum number of aliases in an operation."),
  LIMIT_QUERY_ROOT_FIELDS: setting("Limits", count(1, 1_000).default(20), "Maximum number of root fields in an operation."),
  LIMIT_QUERY_DIRECTIVES: setting("Limits", count(0, 10_000).default(50), "Maximum number of directives in an operation."),
  LIMIT_QUERY_FRAGMENTS: setting("Limits", count(0, 10_000).default(50), "Maximum number of fragments in a document."),
  LIMIT_QUERY_SELECTIONS: setting(
    "Limits",
    count(1, 1_000_000).default(2_000),
    "Maximum number of selections after fragments are expanded.",
  ),
  LIMIT_QUERY_NODES: setting(
    "Limits",
    count(1, 10_000_000).default(20_000),
    "Maximum number of objects that nested pages could return, computed from their sizes.",
  ),
  LIMIT_BODY_BYTES: setting("Limits", count(1_024, 100_000_000).default(1_000_000), "Maximum size of a request body, in bytes."),
  LIMIT_ANONYMOUS_BODY_BYTES: setting(
    "Limits",
    count(1_024, 100_000_000).default(65_536),
    "Maximum size of the body of a request without a valid token, in bytes.",
  ),
  LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: setting(
    "Limits",
    count(1, 10_000_000).default(300),
    "Maximum number of requests without a valid token per minute from one IP address (for IPv6, one /64 network). Logins and token renewals of everyone behind that address are among them while they run: those that succeed are given back, up to 20 a minute for each user. Further requests fail with RATE_LIMITED.",
  ),
  LIMIT_ANONYMOUS_BYTES_PER_MINUTE: setting(
    "Limits",
    count(1_024, 10_000_000_000).default(2_000_000),
    "Maximum number of bytes per minute in bodies and URLs of requests without a valid token from one IP address.",
  ),
  LIMIT_ANONYMOUS_INTROSPECTIONS_PER_MINUTE: setting(
    "Limits",
    count(1, 10_000_000).default(90),
    "Maximum number of introspection operations per minute without a login from one IP address, in demo mode. Apollo Sandbox sends one per second.",
  ),
  LIMIT_RATE_USER: setting(
    "Limits",
    rate.default("100/second, 1200/minute, 20000/hour, 500000 cost/minute"),
    "How fast a user with a session can send operations: numbers per second, minute, hour, or day, and `cost` after a number for the cost of operations. none: no limit. Plans and organizations can set other rates in their configuration. Further operations fail with RATE_LIMITED.",
  ),
  LIMIT_RATE_API_KEY: setting(
    "Limits",
    rate.default("200/second, 6000/minute"),
    "How fast all API keys of a user together can send operations, as in `LIMIT_RATE_USER`. A key can have a lower limit of its own.",
  ),
  LIMIT_RATE_TENANT: setting(
    "Limits",
    rate.default("none"),
    "How fast all users and API keys of a tenant together can send operations, as in `LIMIT_RATE_USER`.",
  ),
  LIMIT_INBOUND_MESSAGES_PER_MINUTE: setting(
    "Limits",
    count(1, 10_000_000).default(600),
    "Maximum number of genuine messages per minute to one inbound webhook. Requests with a wrong signature count as requests without a valid token.",
  ),
  LIMIT_PUBLISHED_EVENTS_PER_MINUTE: setting(
    "Limits",
    count(1, 10_000_000).default(6_000),
    "Maximum number of custom events that one tenant publishes per minute with `publishEvent` and steps of the type `emit`.",
  ),
  LIMIT_REFUSALS_PER_SECOND: setting(
    "Limits",
    count(1, 1_000_000).default(50),
    "Number of refusals before execution (no login, too large, too many, invalid) that one IP address gets per second without delay. Further refusals are delayed to this rate, each by at most two seconds.",
  ),
  LIMIT_CONNECTIONS_PER_ADDRESS: setting(
    "Limits",
    count(1, 1_000_000).default(500),
    "Maximum number of connections from one IP address (for IPv6, one /64 network), including WebSockets, over which nobody has sent a request with a valid token yet. Further connections are closed. Connections from WEFT_TRUSTED_PROXIES are not counted: limit them at the proxy.",
  ),
  LIMIT_CONNECTIONS_PER_USER: setting(
    "Limits",
    count(1, 1_000_000).default(200),
    "Maximum number of connections of one user, which do not count for their IP address. Requests over further ones fail with RATE_LIMITED, and they are closed.",
  ),
  LIMIT_RESPONSE_BYTES: setting("Limits", count(10_000, 1_000_000_000).default(16_777_216), "Maximum size of a response, in bytes."),
  LIMIT_COMPUTING_MS: setting(
    "Limits",
    count(50, 60_000).default(2_000),
    "Maximum processor time that one operation spends on compiling, validating, simulating, comparing, and explaining what tenants wrote, in milliseconds.",
  ),
  LIMIT_SOCKETS_PER_ADDRESS: setting(
    "Limits",
    count(1, 100_000).default(100),
    "Maximum number of WebSockets, and streams of subscriptions over HTTP, per IP address whose users have not logged in yet, which they must do within three seconds.",
  ),
  LIMIT_SOCKETS_PER_USER: setting(
    "Limits",
    count(1, 100_000).default(20),
    "Maximum number of WebSockets, and streams of subscriptions over HTTP, per user.",
  ),
  LIMIT_SOCKETS_PER_TENANT: setting(
    "Limits",
    count(1, 100_000).default(5_000),
    "Maximum number of WebSockets, and streams of subscriptions over HTTP, per tenant.",
  ),
  LIMIT_SUBSCRIPTIONS_PER_SOCKET: setting(
    "Limits",
    count(1, 10_000).default(50),
    "Maximum number of subscriptions per WebSocket, or stream.",
  ),
  LIMIT_OPERATIONS_IN_FLIGHT: setting(
    "Limits",
    count(1, 10_000).default(64),
    "Maximum number of operations that a gateway runs at once. Others wait; tenants take turns.",
  ),
  LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT: setting(
    "Limits",
    count(1, 10_000).default(16),
    "Maximum number of operations of one tenant that a gateway runs at once.",
  ),
  LIMIT_OPERATIONS_WAITING_PER_TENANT: setting(
    "Limits",
    count(0, 100_000).default(500),
    "Maximum number of operations of one tenant that wait in a gateway. Further operations fail with RATE_LIMITED.",
  ),
  LIMIT_CLOCK_STEPS: setting(
    "Limits",
    count(1, 10_000_000).default(50_000),
    "Maximum number of times at which the clock of a sandbox stands during one advance. An advance with more due times fails where the limit is reached.",
  ),
} as const;

export type SettingName = keyof typeof settings;

/** Settings that are secrets, or contain one. */
export type SecretName = { [N in SettingName]: (typeof settings)[N] extends { readonly isSecret: true } ? N : never }[SettingName];

export const secretNames = Object.entries<Setting>(settings).flatMap(([name, { isSecret }]) => (isSecret ? [name as SecretName] : []));
type Values = { [N in SettingName]: (typeof settings)[N] extends Setting<infer T> ? T : never };

/** Values of all settings. Optional settings that are not set are omitted. */
export type SettingValues = { [N in SettingName as undefined extends Values[N] ? never : N]: Values[N] } & {
  [N in SettingName as undefined extends Values[N] ? N : never]?: Exclude<Values[N], undefined>;
};
