import { join } from "node:path";
import type { S3Config } from "../files/storage/s3-client.js";
import { rateOfText, variantOfText } from "./settings.js";
import type { RateWindow, SettingValues } from "./settings.js";
import type { FlagKey } from "../flags/declared-flags.js";
import { isOwnDemo } from "./open-demo.js";
import type { OutboundPolicy } from "../outbound/policy.js";
import { passkeysOf } from "./passkeys.js";
import type { PasskeyConfig } from "./passkeys.js";
import type { SecretChanges } from "./sources/secret-changes.js";

export const subgraphNames = ["identity", "workflows", "requests", "vendors", "audit"] as const;
export type SubgraphName = (typeof subgraphNames)[number];

/** Location and use of the database. `withDatabaseUrls` derives the roles' URLs that are not set. */
export interface DatabaseConfig {
  readonly ownerUrl?: string;
  readonly appUrl?: string;
  readonly workerUrl?: string;
  readonly authUrl?: string;
  /** Connections of this process. */
  readonly pools: { readonly app: number; readonly worker: number; readonly auth: number; readonly health: number };
  /** Number of processes that share the database's max_connections. */
  readonly processes: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly waitTimeoutMs: number;
}

/** How Weft authenticates at a Vault-compatible server. `mount`: path at which the server has enabled the method. */
export type VaultLogin =
  | { readonly kind: "token"; readonly file: string }
  | { readonly kind: "approle"; readonly mount: string; readonly roleId: string; readonly secretIdFile: string }
  | { readonly kind: "kubernetes"; readonly mount: string; readonly role: string; readonly tokenFile: string };

/** Where a Vault-compatible server stores the keys, or which of its keys encrypts the keys file. */
export interface VaultConfig {
  readonly url: string;
  /** Path of the secret in the API: `<mount>/data/<name>`. */
  readonly path: string;
  readonly login: VaultLogin;
  readonly namespace?: string;
  /** Key of the Transit engine: `<mount>/<name>`. With it, the keys are in the keys file, and `path` is not used. */
  readonly transitKey?: string;
}

/** Limits of operations and sockets. Exceeding one fails with QUERY_LIMIT_EXCEEDED (see ARCHITECTURE). */
export interface Limits {
  readonly depth: number;
  readonly tokens: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  readonly fragments: number;
  readonly selections: number;
  readonly nodes: number;
  readonly bodyBytes: number;
  readonly anonymousBodyBytes: number;
  readonly refusalsPerSecond: number;
  readonly anonymousOperationsPerMinute: number;
  readonly anonymousBytesPerMinute: number;
  readonly anonymousIntrospectionsPerMinute: number;
  /** Rates where the configuration of tenants sets none. */
  readonly rates: Readonly<Record<"user" | "apiKey" | "tenant", Readonly<Partial<Record<RateWindow, number>>>>>;
  readonly inboundMessagesPerMinute: number;
  readonly publishedEventsPerMinute: number;
  readonly connectionsPerAddress: number;
  readonly connectionsPerUser: number;
  readonly responseBytes: number;
  readonly computingMs: number;
  readonly socketsPerAddress: number;
  readonly socketsPerUser: number;
  readonly socketsPerTenant: number;
  readonly subscriptionsPerSocket: number;
  readonly operationsInFlight: number;
  readonly operationsInFlightPerTenant: number;
  readonly operationsWaitingPerTenant: number;
  readonly clockSteps: number;
}

/** How emails are sent, and the base URL of their links. */
export interface MailConfig {
  /** If omitted, a demo writes emails to files, and production sends none. */
  readonly smtpUrl?: string;
  /** `Name <address>` or only an address. */
  readonly from: string;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** Where replies to emails are received. If omitted, they are not. The domain is in lower case. */
  readonly inbound?: { readonly domain: string; readonly host: string; readonly port: number };
  /** Where mail servers report what became of emails. If omitted, they do not. The domain is in lower case. */
  readonly bounces?: { readonly domain: string };
}

/** How text messages (SMS) are sent: through the API of Twilio, or a compatible one. */
export interface SmsConfig {
  /** Without a trailing slash. */
  readonly url: string;
  readonly account: string;
  readonly token: string;
  /** A phone number (E.164), a name, or the ID of a messaging service. */
  readonly from: string;
  /** Beginnings of the phone numbers that users can add. Empty: all. */
  readonly prefixes: readonly string[];
}

/** Where uploaded files are kept, and which are accepted. */
export interface FilesConfig {
  /** Directory. Not used with `s3`. */
  readonly folder: string;
  readonly s3?: S3Config;
  /** Accepted media types. */
  readonly types: readonly string[];
  readonly maxBytes: number;
  /** Uploads that one gateway receives at once. */
  readonly uploadsInFlight: number;
  /** `tcp://host:port` of clamd. If omitted, files are not scanned. */
  readonly clamdUrl?: string;
}

/** Where the list of erased people is kept. */
export interface ErasuresConfig {
  /** Directory. Not used with `s3`. */
  readonly folder: string;
  readonly s3?: S3Config;
  /** Whether nobody has chosen a place, in production. The default one can be lost with a container, or be restored together with the database. */
  readonly isPlaceMissing?: boolean;
}

/** Where checkpoints of the audit trail are kept outside the database. All places that are set are used. */
export interface CheckpointsConfig {
  /** Path of a file that only grows. */
  readonly file?: string;
  readonly s3?: S3Config;
  /** Days for which objects in the bucket are locked. 0: not by Weft. */
  readonly lockDays: number;
  /** URL that gets them. */
  readonly url?: string;
  readonly everyMinutes: number;
}

/** Cost of argon2id, the password hash function. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** The validated configuration of a process. `.env.example` explains every setting. */
export interface Config {
  readonly mode: "demo" | "production";
  /** Data that the first start of a demo creates. */
  readonly demoData: SettingValues["WEFT_DEMO_DATA"];
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly keysFile: string;
  /** Server that stores the keys instead of the file. */
  readonly vault?: VaultConfig;
  /** Tells about secrets among the settings that are replaced while the process runs. Absent: none can be. */
  readonly secretChanges?: SecretChanges;
  readonly logLevel: SettingValues["LOG_LEVEL"];
  readonly logFormat: "pretty" | "json";
  readonly database: DatabaseConfig;
  readonly redisUrl?: string;
  readonly redisPrefix: string;
  readonly subgraphUrls: Readonly<Partial<Record<SubgraphName, string>>>;
  /** Directory of the schemas that a gateway process serves. If omitted, that of the build. */
  readonly supergraphDir?: string;
  /** Time between looks for changes of these files. 0: there are none. */
  readonly supergraphPollMs: number;
  readonly subgraphPort: number;
  readonly subgraphTimeoutMs: number;
  /**
   * Host names of this server in lower case. `*.` matches all subdomains. IP addresses and localhost are not listed, because they are always
   * accepted.
   */
  readonly hosts: readonly string[];
  /** Address at which operators find metrics and detailed readiness. If omitted, they have no separate port. */
  readonly management?: { readonly host: string; readonly port: number };
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  /** Origins whose pages can keep sessions in cookies. Empty: there are no such sessions. */
  readonly cookieOrigins: readonly string[];
  /** Parts of the API at paths of their own: root fields with the tags `include`, without fields with the tags `exclude`. */
  readonly apiVariants: readonly { readonly name: string; readonly include: readonly string[]; readonly exclude: readonly string[] }[];
  /** Feature flags: values for everybody, the file with the others, and the name of this installation in its rules. */
  readonly flags: { readonly fixed: ReadonlyMap<FlagKey, boolean>; readonly file: string | undefined; readonly environment: string };
  /** Time between the times at which a gateway writes which client used which fields. 0: it does not count. */
  readonly fieldUsageSeconds: number;
  readonly auditSeconds: number;
  /** What the installation requires of operations, at least. */
  readonly storedOperations: "OFF" | "REPORT" | "REQUIRED";
  readonly requestTimeoutMs: number;
  /** Maximum wait for the state of a consistency token. */
  readonly consistencyWaitMs: number;
  readonly drainTimeoutMs: number;
  /** Whether anyone can create an organization. */
  readonly registration: "open" | "closed";
  /** Whether the gateway serves the documentation at `/docs/`. */
  readonly docs: "on" | "off";
  /** Whether the gateway serves the console at `/console/`, whose users log in with cookies. */
  readonly console: "on" | "off";
  /** Origin of the URL under which users reach this installation. If omitted, it is not configured. */
  readonly publicOrigin?: string;
  /** Whether /oauth/token accepts the password grant. */
  readonly oauthPasswordGrant: "on" | "off";
  readonly passwordCost: PasswordCost;
  /** Base URL of the service that knows passwords from leaks, without a slash at the end. If omitted, new passwords are not checked for leaks. */
  readonly breachedPasswordsUrl?: string;
  /** If omitted, there are no passkeys. */
  readonly passkeys?: PasskeyConfig;
  readonly mail: MailConfig;
  /** If omitted, no text messages are sent. */
  readonly sms?: SmsConfig;
  readonly files: FilesConfig;
  readonly erasures: ErasuresConfig;
  readonly checkpoints: CheckpointsConfig;
  readonly outbound: OutboundPolicy;
  /** Whether it is a demo for this machine alone. */
  readonly isOwnDemo: boolean;
  /** Sandbox in which steps run programs. `bubblewrap-if-present`: nobody asked for it, so it is no failure if the machine has none. */
  readonly sandbox: "off" | "bubblewrap" | "bubblewrap-if-present";
  /** Name servers that verify domains, as addresses with or without a port. Empty: those of the host. */
  readonly dnsServers: readonly string[];
  readonly automation: AutomationConfig;
  readonly limits: Limits;
}

/** How workers do the steps of automations. */
export interface AutomationConfig {
  /** Steps of one process. */
  readonly stepsAtOnce: number;
  readonly leaseSeconds: number;
}

/** Returns the server of secrets. Undefined if it is not set, or if it is not known how to log in, which is a problem of its own. */
export function vaultOf(values: Partial<SettingValues>): VaultConfig | undefined {
  const { WEFT_VAULT_URL: url, WEFT_VAULT_KEYS: path = "", WEFT_VAULT_NAMESPACE: namespace, WEFT_VAULT_TRANSIT_KEY: transitKey } = values;
  const login = vaultLoginOf(values);
  if (url === undefined || login === undefined) return undefined;
  return { url, path, login, ...(namespace !== undefined && { namespace }), ...(transitKey !== undefined && { transitKey }) };
}

function vaultLoginOf(values: Partial<SettingValues>): VaultLogin | undefined {
  const { WEFT_VAULT_TOKEN_FILE: file, WEFT_VAULT_ROLE_ID: roleId, WEFT_VAULT_SECRET_ID_FILE: secretIdFile } = values;
  const { WEFT_VAULT_KUBERNETES_ROLE: role, WEFT_VAULT_KUBERNETES_TOKEN_FILE: tokenFile, WEFT_VAULT_LOGIN_MOUNT: mount } = values;
  if (file !== undefined) return { kind: "token", file };
  if (roleId !== undefined && secretIdFile !== undefined) return { kind: "approle", mount: mount ?? "approle", roleId, secretIdFile };
  if (role !== undefined && tokenFile !== undefined) return { kind: "kubernetes", mount: mount ?? "kubernetes", role, tokenFile };
  return undefined;
}

/** As in the configuration of organizations. */
const storedOperationsModes = { off: "OFF", report: "REPORT", required: "REQUIRED" } as const;

/** Returns the typed view of the settings. */
export function toConfig(values: SettingValues): Config {
  const vault = vaultOf(values);
  const urls = Object.fromEntries(
    subgraphNames.flatMap((name) => {
      const url = values[`WEFT_SUBGRAPH_${name.toUpperCase()}_URL` as `WEFT_SUBGRAPH_${Uppercase<SubgraphName>}_URL`];
      return url ? [[name, url]] : [];
    }),
  );
  return {
    mode: values.WEFT_MODE,
    demoData: values.WEFT_DEMO_DATA,
    host: values.HOST,
    port: values.PORT,
    dataDir: values.WEFT_DATA_DIR,
    keysFile: values.WEFT_KEYS_FILE ?? join(values.WEFT_DATA_DIR, "keys.json"),
    ...(vault !== undefined && { vault }),
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT ?? (values.WEFT_MODE === "demo" ? "pretty" : "json"),
    database: databaseOf(values),
    ...(values.REDIS_URL !== undefined && { redisUrl: values.REDIS_URL }),
    redisPrefix: values.REDIS_PREFIX,
    subgraphUrls: urls,
    ...(values.WEFT_SUPERGRAPH_DIR !== undefined && { supergraphDir: values.WEFT_SUPERGRAPH_DIR }),
    supergraphPollMs: values.WEFT_SUPERGRAPH_POLL_MS,
    subgraphPort: values.WEFT_SUBGRAPH_PORT,
    subgraphTimeoutMs: values.WEFT_SUBGRAPH_TIMEOUT_MS,
    hosts: hostsOf(values),
    ...(values.WEFT_MANAGEMENT_PORT !== undefined && {
      management: { host: values.WEFT_MANAGEMENT_HOST, port: values.WEFT_MANAGEMENT_PORT },
    }),
    trustedProxies: values.WEFT_TRUSTED_PROXIES,
    corsOrigins: values.WEFT_CORS_ORIGINS,
    cookieOrigins: values.WEFT_COOKIE_ORIGINS,
    apiVariants: values.WEFT_API_VARIANTS.map(variantOfText),
    flags: flagsOf(values),
    fieldUsageSeconds: values.WEFT_FIELD_USAGE_SECONDS,
    auditSeconds: values.WEFT_AUDIT_SECONDS,
    storedOperations: storedOperationsModes[values.WEFT_STORED_OPERATIONS],
    requestTimeoutMs: values.WEFT_REQUEST_TIMEOUT_MS,
    consistencyWaitMs: values.WEFT_CONSISTENCY_WAIT_MS,
    drainTimeoutMs: values.WEFT_DRAIN_TIMEOUT_MS,
    docs: values.WEFT_DOCS ?? (values.WEFT_MODE === "demo" ? "on" : "off"),
    console: values.WEFT_CONSOLE,
    ...(values.WEFT_PUBLIC_URL !== undefined && { publicOrigin: new URL(values.WEFT_PUBLIC_URL).origin }),
    oauthPasswordGrant: values.WEFT_OAUTH_PASSWORD_GRANT,
    registration: values.WEFT_REGISTRATION ?? (values.WEFT_MODE === "demo" ? "open" : "closed"),
    passwordCost: { memoryKib: values.PASSWORD_MEMORY_KIB, passes: values.PASSWORD_PASSES },
    ...(values.PASSWORD_BREACH_URL !== undefined && { breachedPasswordsUrl: values.PASSWORD_BREACH_URL.replace(/\/+$/, "") }),
    ...passkeysOf(values),
    mail: mailOf(values),
    ...smsOf(values),
    files: filesOf(values),
    erasures: erasuresOf(values),
    checkpoints: checkpointsOf(values),
    outbound: { allowed: values.WEFT_OUTBOUND_ALLOWED },
    isOwnDemo: isOwnDemo(values),
    sandbox: values.WEFT_SANDBOX ?? (isOwnDemo(values) ? "bubblewrap-if-present" : "off"),
    dnsServers: values.WEFT_DNS_SERVERS,
    automation: { stepsAtOnce: values.WEFT_STEPS_AT_ONCE, leaseSeconds: values.WEFT_STEP_LEASE_SECONDS },
    limits: limitsOf(values),
  };
}

function flagsOf({ WEFT_FLAGS, WEFT_FLAGS_FILE: file, WEFT_FLAGS_ENVIRONMENT, WEFT_MODE }: SettingValues): Config["flags"] {
  const fixed = WEFT_FLAGS.map((text) => text.split("=") as [FlagKey, string]);
  return { fixed: new Map(fixed.map(([key, value]) => [key, value === "on"])), file, environment: WEFT_FLAGS_ENVIRONMENT ?? WEFT_MODE };
}

function hostsOf({ WEFT_PUBLIC_URL, WEFT_HOSTS, HOST }: SettingValues): string[] {
  const named = WEFT_PUBLIC_URL === undefined ? [] : [new URL(WEFT_PUBLIC_URL).hostname];
  return [...new Set([...named, HOST, ...WEFT_HOSTS].map((host) => host.toLowerCase()))];
}

function databaseOf(values: SettingValues): DatabaseConfig {
  return {
    ...(values.DATABASE_OWNER_URL !== undefined && { ownerUrl: values.DATABASE_OWNER_URL }),
    ...(values.DATABASE_URL !== undefined && { appUrl: values.DATABASE_URL }),
    ...(values.DATABASE_WORKER_URL !== undefined && { workerUrl: values.DATABASE_WORKER_URL }),
    ...(values.DATABASE_AUTH_URL !== undefined && { authUrl: values.DATABASE_AUTH_URL }),
    pools: { app: values.DATABASE_POOL_SIZE, worker: values.DATABASE_WORKER_POOL_SIZE, auth: values.DATABASE_AUTH_POOL_SIZE, health: 1 },
    processes: values.DATABASE_PROCESSES,
    statementTimeoutMs: values.DATABASE_STATEMENT_TIMEOUT_MS,
    lockTimeoutMs: values.DATABASE_LOCK_TIMEOUT_MS,
    idleInTransactionTimeoutMs: values.DATABASE_IDLE_TIMEOUT_MS,
    connectTimeoutMs: values.DATABASE_CONNECT_TIMEOUT_MS,
    waitTimeoutMs: values.DATABASE_WAIT_TIMEOUT_MS,
  };
}

function mailOf(values: SettingValues): MailConfig {
  const { PORT, WEFT_PUBLIC_URL, SMTP_URL, MAIL_FROM } = values;
  const { WEFT_INBOUND_MAIL_DOMAIN: domain, WEFT_INBOUND_MAIL_HOST: host, WEFT_INBOUND_MAIL_PORT: port } = values;
  // The host of the address that the start prints: on another one, users would not be logged in.
  const publicUrl = WEFT_PUBLIC_URL ?? `http://127.0.0.1:${PORT === 0 ? 4000 : PORT}`;
  return {
    publicUrl: publicUrl.replace(/\/+$/, ""),
    from: MAIL_FROM,
    ...(SMTP_URL !== undefined && { smtpUrl: SMTP_URL }),
    ...(domain !== undefined && { inbound: { domain, host, port } }),
    ...(domain !== undefined && values.WEFT_MAIL_BOUNCES === "on" && { bounces: { domain } }),
  };
}

function smsOf(values: SettingValues): { sms?: SmsConfig } {
  const { WEFT_SMS_URL: url, WEFT_SMS_ACCOUNT: account, WEFT_SMS_TOKEN: token, WEFT_SMS_FROM: from, WEFT_SMS_PREFIXES: prefixes } = values;
  if (url === undefined || account === undefined || token === undefined || from === undefined) return {};
  return { sms: { url: url.replace(/\/+$/, ""), account, token, from, prefixes } };
}

/** Returns the configuration of a bucket, on the server that all buckets are on. */
function bucketOf(bucket: string | undefined, values: SettingValues): { readonly s3?: S3Config } {
  const { S3_ENDPOINT: endpoint, S3_REGION: region, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (bucket === undefined) return {};
  const credentials = accessKeyId !== undefined && secretAccessKey !== undefined ? { accessKeyId, secretAccessKey } : undefined;
  return { s3: { bucket, region, ...(endpoint !== undefined && { endpoint }), ...(credentials && { credentials }) } };
}

const erasuresOf = (values: SettingValues): ErasuresConfig => ({
  folder: values.ERASURES_DIR ?? join(values.WEFT_DATA_DIR, "erasures"),
  ...bucketOf(values.ERASURES_S3_BUCKET, values),
  isPlaceMissing: values.WEFT_MODE === "production" && values.ERASURES_DIR === undefined && values.ERASURES_S3_BUCKET === undefined,
});

const checkpointsOf = (values: SettingValues): CheckpointsConfig => ({
  ...(values.AUDIT_CHECKPOINTS_FILE !== undefined && { file: values.AUDIT_CHECKPOINTS_FILE }),
  ...bucketOf(values.AUDIT_CHECKPOINTS_S3_BUCKET, values),
  lockDays: values.AUDIT_CHECKPOINTS_LOCK_DAYS,
  ...(values.AUDIT_CHECKPOINTS_URL !== undefined && { url: values.AUDIT_CHECKPOINTS_URL }),
  everyMinutes: values.AUDIT_CHECKPOINTS_MINUTES,
});

const filesOf = (values: SettingValues): FilesConfig => ({
  folder: values.FILES_DIR ?? join(values.WEFT_DATA_DIR, "files"),
  ...bucketOf(values.S3_BUCKET, values),
  types: values.FILE_TYPES,
  maxBytes: values.LIMIT_FILE_BYTES,
  uploadsInFlight: values.LIMIT_UPLOADS_IN_FLIGHT,
  ...(values.CLAMD_URL !== undefined && { clamdUrl: values.CLAMD_URL }),
});

function limitsOf(values: SettingValues): Limits {
  return {
    depth: values.LIMIT_QUERY_DEPTH,
    tokens: values.LIMIT_QUERY_TOKENS,
    aliases: values.LIMIT_QUERY_ALIASES,
    rootFields: values.LIMIT_QUERY_ROOT_FIELDS,
    directives: values.LIMIT_QUERY_DIRECTIVES,
    fragments: values.LIMIT_QUERY_FRAGMENTS,
    selections: values.LIMIT_QUERY_SELECTIONS,
    nodes: values.LIMIT_QUERY_NODES,
    bodyBytes: values.LIMIT_BODY_BYTES,
    anonymousBodyBytes: values.LIMIT_ANONYMOUS_BODY_BYTES,
    refusalsPerSecond: values.LIMIT_REFUSALS_PER_SECOND,
    anonymousOperationsPerMinute: values.LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE,
    anonymousBytesPerMinute: values.LIMIT_ANONYMOUS_BYTES_PER_MINUTE,
    rates: {
      user: rateOfText(values.LIMIT_RATE_USER) ?? {},
      apiKey: rateOfText(values.LIMIT_RATE_API_KEY) ?? {},
      tenant: rateOfText(values.LIMIT_RATE_TENANT) ?? {},
    },
    inboundMessagesPerMinute: values.LIMIT_INBOUND_MESSAGES_PER_MINUTE,
    publishedEventsPerMinute: values.LIMIT_PUBLISHED_EVENTS_PER_MINUTE,
    anonymousIntrospectionsPerMinute: values.LIMIT_ANONYMOUS_INTROSPECTIONS_PER_MINUTE,
    connectionsPerAddress: values.LIMIT_CONNECTIONS_PER_ADDRESS,
    connectionsPerUser: values.LIMIT_CONNECTIONS_PER_USER,
    responseBytes: values.LIMIT_RESPONSE_BYTES,
    computingMs: values.LIMIT_COMPUTING_MS,
    socketsPerAddress: values.LIMIT_SOCKETS_PER_ADDRESS,
    socketsPerUser: values.LIMIT_SOCKETS_PER_USER,
    socketsPerTenant: values.LIMIT_SOCKETS_PER_TENANT,
    subscriptionsPerSocket: values.LIMIT_SUBSCRIPTIONS_PER_SOCKET,
    operationsInFlight: values.LIMIT_OPERATIONS_IN_FLIGHT,
    operationsInFlightPerTenant: values.LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT,
    operationsWaitingPerTenant: values.LIMIT_OPERATIONS_WAITING_PER_TENANT,
    clockSteps: values.LIMIT_CLOCK_STEPS,
  };
}
