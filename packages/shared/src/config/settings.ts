import { isIP } from "node:net";
import { z } from "zod";

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
  list.refine((items) => items.every(isFit), { error: `must be ${what}, with commas between them` });
/** As browsers send it: compared whole, so a slash at the end would never match. */
const isOrigin = (text: string): boolean => URL.canParse(text) && /^https?:\/\//.test(text) && new URL(text).origin === text;

const isHostName = (text: string): boolean => /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i.test(text);

function isAddressOrRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}

/** `weft@example.com` or `Weft <weft@example.com>`, in one line. */
const mailbox = z.string().regex(/^(?:[^<>@"\p{Cc}]+ <[^\s<>@,;"]+@[^\s<>@,;"]+>|[^\s<>@,;"]+@[^\s<>@,;"]+)$/u, {
  error: "must be an address such as weft@example.com, or Weft <weft@example.com>",
});

/** A setting: how its text is read, and what `.env.example` and the documentation say about it. */
export interface Setting<T = unknown> {
  readonly schema: z.ZodType<T>;
  readonly group: string;
  readonly description: string;
  /** Shown in `.env.example`, where the default is derived or absent. */
  readonly example?: string;
}

const setting = <T>(group: string, schema: z.ZodType<T>, description: string, example?: string): Setting<T> => ({
  schema,
  group,
  description,
  ...(example !== undefined && { example }),
});

/** Every setting of Weft. The names are those of environment variables, and of the members of the configuration file. */
export const settings = {
  WEFT_MODE: setting(
    "General",
    oneOf("demo", "production").default("demo"),
    "demo: makes its keys, seeds demo tenants with known passwords, opens Sandbox. production: refuses all of these.",
  ),
  WEFT_DEMO_DATA: setting(
    "General",
    oneOf("full", "minimal").default("full"),
    "What a demo starts with. full: Acme has a past of three months, with requests, tasks, projects and notifications. minimal: users, buildings and definitions alone. Counts at the first start.",
  ),
  PORT: setting("General", port.default(4000), "Port of the gateway; 0 takes a free one."),
  HOST: setting(
    "General",
    z.string().min(1).default("127.0.0.1"),
    "Address that the gateway listens on. 0.0.0.0 for all, behind a proxy that speaks TLS.",
  ),
  WEFT_DATA_DIR: setting(
    "General",
    z.string().min(1).default(".weft"),
    "Folder of the bundled PostgreSQL's data and of the keys file, relative to where the process starts.",
  ),
  WEFT_KEYS_FILE: setting(
    "General",
    z.string().min(1).optional(),
    "File with all secret keys (mode 0600). Made at the first start in demo mode; production refuses to make it. Default: keys.json in WEFT_DATA_DIR.",
    ".weft/keys.json",
  ),
  WEFT_CONFIG_FILE: setting(
    "General",
    z.string().min(1).optional(),
    "JSON file with settings by these names; the environment wins over it. Default: weft.config.json where it exists.",
    "weft.config.json",
  ),
  LOG_LEVEL: setting(
    "General",
    oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent").default("info"),
    "Least level that is logged, on standard output. info: one line for each operation, among others.",
  ),
  LOG_FORMAT: setting(
    "General",
    oneOf("pretty", "json").optional(),
    "pretty: lines for people, shortened. json: a JSON object a line, complete. Default: pretty in demo mode, json in production.",
    "json",
  ),

  DATABASE_OWNER_URL: setting(
    "Database",
    postgres.optional(),
    "PostgreSQL 15 or newer, as the role that owns Weft's tables or may create roles (used for migrations). Without any database setting a bundled PostgreSQL is started.",
    "postgres://weft_owner:…@localhost:5432/weft",
  ),
  DATABASE_URL: setting(
    "Database",
    postgres.optional(),
    "As the role that serves tenants. Derived from DATABASE_OWNER_URL (role weft_app, password from the keys file) when absent.",
    "postgres://weft_app:…@localhost:5432/weft",
  ),
  DATABASE_WORKER_URL: setting(
    "Database",
    postgres.optional(),
    "As the role of background work. Derived like DATABASE_URL (role weft_worker).",
    "postgres://weft_worker:…@localhost:5432/weft",
  ),
  DATABASE_AUTH_URL: setting(
    "Database",
    postgres.optional(),
    "As the role that finds logins and loads viewers. Derived like DATABASE_URL (role weft_auth).",
    "postgres://weft_auth:…@localhost:5432/weft",
  ),
  DATABASE_POOL_SIZE: setting(
    "Database",
    count(1, 500).default(12),
    "Connections of each process for tenants' requests. All pools of all processes must fit max_connections; checked at start.",
  ),
  DATABASE_WORKER_POOL_SIZE: setting(
    "Database",
    count(5, 100).default(6),
    "Connections of each process for background work; the relay and the sealer hold one each.",
  ),
  DATABASE_AUTH_POOL_SIZE: setting("Database", count(1, 100).default(4), "Connections of each process for logins and viewers."),
  DATABASE_PROCESSES: setting(
    "Database",
    count(1, 1000).default(1),
    "How many processes share the database: for the check of the connection budget.",
  ),
  DATABASE_STATEMENT_TIMEOUT_MS: setting("Database", count(100, 600_000).default(10_000), "A statement is cancelled after this time."),
  DATABASE_LOCK_TIMEOUT_MS: setting(
    "Database",
    count(100, 600_000).default(5_000),
    "A statement gives up waiting for a lock after this time.",
  ),
  DATABASE_IDLE_TIMEOUT_MS: setting(
    "Database",
    count(1_000, 600_000).default(15_000),
    "A transaction in which nothing happens is ended after this time.",
  ),
  DATABASE_CONNECT_TIMEOUT_MS: setting("Database", count(100, 60_000).default(3_000), "A new connection is given up after this time."),
  DATABASE_WAIT_TIMEOUT_MS: setting(
    "Database",
    count(100, 60_000).default(2_000),
    "Who waits longer than this for a free connection is refused with SERVICE_UNAVAILABLE.",
  ),

  REDIS_URL: setting(
    "Distributed mode",
    url("redis:", "rediss:").optional(),
    "Carries live events, revocations and limits between processes. Not needed in one process.",
    "redis://localhost:6379",
  ),
  REDIS_PREFIX: setting(
    "Distributed mode",
    z
      .string()
      .regex(/^[a-z0-9_-]{1,40}$/, { error: "must be 1 to 40 of a-z, 0-9, _ and -" })
      .default("weft"),
    "Before every channel, so that several installations can share a Redis.",
  ),
  WEFT_SUBGRAPH_IDENTITY_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "Where the gateway finds the identity subgraph.",
    "http://localhost:4001/graphql",
  ),
  WEFT_SUBGRAPH_WORKFLOWS_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "Where the gateway finds the workflows subgraph.",
    "http://localhost:4002/graphql",
  ),
  WEFT_SUBGRAPH_REQUESTS_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "Where the gateway finds the requests subgraph.",
    "http://localhost:4003/graphql",
  ),
  WEFT_SUBGRAPH_VENDORS_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "Where the gateway finds the vendors subgraph.",
    "http://localhost:4004/graphql",
  ),
  WEFT_SUBGRAPH_AUDIT_URL: setting(
    "Distributed mode",
    url("http:", "https:").optional(),
    "Where the gateway finds the audit subgraph.",
    "http://localhost:4005/graphql",
  ),
  WEFT_SUBGRAPH_PORT: setting(
    "Distributed mode",
    port.default(0),
    "Port of a subgraph process, and of a worker's health; 0 takes a free one.",
    "4001",
  ),
  WEFT_SUBGRAPH_TIMEOUT_MS: setting(
    "Distributed mode",
    count(50, 600_000).default(10_000),
    "A subgraph that takes longer to answer the gateway counts as down: its fields are null. At most four fifths of WEFT_REQUEST_TIMEOUT_MS.",
  ),

  WEFT_HOSTS: setting(
    "Edge",
    listOf(isHostName, "names of hosts such as api.example.com or *.example.com, without a scheme and a port").default([]),
    "Names, with commas, that this server is reached by, beyond the host of WEFT_PUBLIC_URL. Requests for other names are refused (421): a page of another site whose name suddenly leads here would pass for one of our own. Addresses and localhost always pass.",
    "api.example.com",
  ),
  WEFT_MANAGEMENT_PORT: setting(
    "Edge",
    port.optional(),
    "Port of the gateway for operators: /metrics, and /health/ready with its parts. 0 takes a free one. Without it production shows neither, and a demo shows them on PORT.",
    "9464",
  ),
  WEFT_MANAGEMENT_HOST: setting(
    "Edge",
    z.string().min(1).default("127.0.0.1"),
    "Address that the management port listens on. 0.0.0.0 where only operators can reach it, as in a container whose port is not published.",
  ),
  WEFT_TRUSTED_PROXIES: setting(
    "Edge",
    listOf(isAddressOrRange, "addresses or CIDR ranges").default([]),
    "Addresses or CIDR ranges, with commas, whose X-Forwarded-For is believed.",
    "10.0.0.0/8",
  ),
  WEFT_CORS_ORIGINS: setting(
    "Edge",
    listOf((item) => item === "*" || isOrigin(item), "origins such as https://app.example.com, without a slash at the end").default([]),
    "Origins, with commas, whose pages can call the API over HTTP and WebSocket. Demo mode adds Apollo Sandbox and every localhost and 127.0.0.1 origin.",
    "https://app.example.com",
  ),
  WEFT_REQUEST_TIMEOUT_MS: setting("Edge", count(100, 600_000).default(15_000), "An operation is answered with an error after this time."),
  WEFT_DRAIN_TIMEOUT_MS: setting(
    "Edge",
    count(0, 600_000).default(15_000),
    "What still runs this long after SIGTERM is cut off. Some seconds less than what the supervisor or the orchestrator waits before it kills (20 s).",
  ),

  WEFT_REGISTRATION: setting(
    "Logins",
    oneOf("open", "closed").optional(),
    "Whether anyone may make an organisation of his own (registerOrganization). Default: open in demo mode, closed in production.",
    "closed",
  ),
  PASSWORD_MEMORY_KIB: setting(
    "Logins",
    count(8, 4_194_304).default(19_456),
    "Memory that argon2id takes to hash a password, in KiB. Hashes that exist keep the cost that they were made with. Production refuses less than 19456.",
  ),
  PASSWORD_PASSES: setting("Logins", count(1, 100).default(2), "Passes of argon2id over that memory. Production refuses less than 2."),

  WEFT_PUBLIC_URL: setting(
    "Mail",
    url("http:", "https:").optional(),
    "Where people open Weft's application: links in mails begin with it, whatever a request says of its host. Production that sends mail takes https:// only. Default in demo mode: http://localhost with PORT.",
    "https://app.example.com",
  ),
  SMTP_URL: setting(
    "Mail",
    url("smtp:", "smtps:").optional(),
    "Server that takes mails: smtps:// speaks TLS from the start, smtp:// changes to it where the server can (?requireTLS=true insists). Without one a demo writes mails as files into WEFT_DATA_DIR/mails, and production sends none.",
    "smtps://user:password@smtp.example.com:465",
  ),
  MAIL_FROM: setting(
    "Mail",
    mailbox.default("Weft <weft@localhost>"),
    "Whom mails come from: an address, or a name with an address in angle brackets.",
    "Weft <weft@example.com>",
  ),

  LIMIT_QUERY_DEPTH: setting("Limits", count(1, 100).default(15), "Deepest nesting of selections in an operation."),
  LIMIT_QUERY_TOKENS: setting("Limits", count(10, 100_000).default(4_000), "Most tokens of a document."),
  LIMIT_QUERY_ALIASES: setting("Limits", count(0, 10_000).default(30), "Most aliases in an operation."),
  LIMIT_QUERY_ROOT_FIELDS: setting("Limits", count(1, 1_000).default(20), "Most root fields of an operation."),
  LIMIT_QUERY_DIRECTIVES: setting("Limits", count(0, 10_000).default(50), "Most directives in an operation."),
  LIMIT_QUERY_FRAGMENTS: setting("Limits", count(0, 10_000).default(50), "Most fragments in a document."),
  LIMIT_QUERY_SELECTIONS: setting("Limits", count(1, 1_000_000).default(2_000), "Most selections after fragments are expanded."),
  LIMIT_QUERY_NODES: setting("Limits", count(1, 10_000_000).default(20_000), "Most objects that nested pages could yield, by their sizes."),
  LIMIT_BODY_BYTES: setting("Limits", count(1_024, 100_000_000).default(1_000_000), "Largest body of a request."),
  LIMIT_ANONYMOUS_BODY_BYTES: setting(
    "Limits",
    count(1_024, 100_000_000).default(65_536),
    "Largest body of a request without a valid token.",
  ),
  LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: setting(
    "Limits",
    count(1, 10_000_000).default(300),
    "Most requests without a valid token from one address (an IPv6 network of 64 bits) in a minute: logins and renewals of tokens, of everybody behind that address. Further ones are refused with RATE_LIMITED.",
  ),
  LIMIT_ANONYMOUS_BYTES_PER_MINUTE: setting(
    "Limits",
    count(1_024, 10_000_000_000).default(2_000_000),
    "Most bytes in bodies and URLs of requests without a valid token from one address in a minute.",
  ),
  LIMIT_ANONYMOUS_INTROSPECTIONS_PER_MINUTE: setting(
    "Limits",
    count(1, 10_000_000).default(90),
    "Most operations without a login in a minute that read the schema, from one address, in demo mode. Apollo Sandbox sends one every second.",
  ),
  LIMIT_REFUSALS_PER_SECOND: setting(
    "Limits",
    count(1, 1_000_000).default(50),
    "Refusals before anything is executed (no login, too large, too many, not valid) that one address gets in a second without delay. Further ones are delayed: at this rate, but each by at most two seconds.",
  ),
  LIMIT_CONNECTIONS_PER_ADDRESS: setting(
    "Limits",
    count(1, 1_000_000).default(500),
    "Most connections of one address (an IPv6 network of 64 bits), WebSockets among them; further ones are closed. Those of WEFT_TRUSTED_PROXIES are not counted: the proxy must do that.",
  ),
  LIMIT_RESPONSE_BYTES: setting("Limits", count(10_000, 1_000_000_000).default(16_777_216), "Largest answer to an operation."),
  LIMIT_COMPUTING_MS: setting(
    "Limits",
    count(50, 60_000).default(2_000),
    "Most processor time in milliseconds that one operation takes to compile, validate, simulate, compare and explain what tenants write.",
  ),
  LIMIT_SOCKETS_PER_ADDRESS: setting("Limits", count(1, 100_000).default(100), "Most live sockets of one address."),
  LIMIT_SOCKETS_PER_USER: setting("Limits", count(1, 100_000).default(20), "Most live sockets of one user."),
  LIMIT_SOCKETS_PER_TENANT: setting("Limits", count(1, 100_000).default(2_000), "Most live sockets of one tenant."),
  LIMIT_SUBSCRIPTIONS_PER_SOCKET: setting("Limits", count(1, 10_000).default(50), "Most subscriptions of one socket."),
  LIMIT_OPERATIONS_IN_FLIGHT: setting(
    "Limits",
    count(1, 10_000).default(64),
    "Most operations that a gateway runs at once; the others wait, tenant by tenant.",
  ),
  LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT: setting(
    "Limits",
    count(1, 10_000).default(16),
    "Most operations of one tenant that a gateway runs at once.",
  ),
  LIMIT_OPERATIONS_WAITING_PER_TENANT: setting(
    "Limits",
    count(0, 100_000).default(500),
    "Most operations of one tenant that wait for their turn in a gateway; more are refused with RATE_LIMITED.",
  ),
} as const;

export type SettingName = keyof typeof settings;
type Values = { [N in SettingName]: (typeof settings)[N] extends Setting<infer T> ? T : never };

/** The values of all settings; an optional one that nobody set is absent. */
export type SettingValues = { [N in SettingName as undefined extends Values[N] ? never : N]: Values[N] } & {
  [N in SettingName as undefined extends Values[N] ? N : never]?: Exclude<Values[N], undefined>;
};
