import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, loadConfig } from "./load.js";
import { settings } from "./settings.js";

const folder = mkdtempSync(join(tmpdir(), "weft-config-"));

function file(content: unknown): string {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}

/** Returns the names of the settings in problems. */
const named = (problems: readonly string[]) => problems.map((problem) => problem.split(":")[0] ?? "").toSorted();

test("without any settings the result is a demo on this machine", () => {
  expect(loadConfig({})).toMatchObject({
    mode: "demo",
    host: "127.0.0.1",
    port: 4000,
    dataDir: ".weft",
    keysFile: join(".weft", "keys.json"),
    logLevel: "info",
  });
  expect(loadConfig({}).redisUrl).toBeUndefined();
});

test("a demo that other machines can reach starts only if WEFT_MODE asks for it", () => {
  for (const HOST of ["0.0.0.0", "::", "192.0.2.7", "weft.example.com"]) {
    expect(problemsOf({ HOST }), HOST).toEqual([
      expect.stringContaining(`HOST: other machines could reach ${HOST}, but WEFT_MODE is not set`),
    ]);
    for (const WEFT_MODE of ["demo", "production"]) expect(problemsOf({ HOST, WEFT_MODE }), HOST).toEqual([]);
    expect(problemsOf({ HOST, WEFT_CONFIG_FILE: file({ WEFT_MODE: "demo" }) }), HOST).toEqual([]);
  }
  for (const HOST of ["127.0.0.1", "localhost", "::1"]) expect(problemsOf({ HOST }), HOST).toEqual([]);
});

test("programs run in a sandbox where there is one, in a demo that only this machine can reach, and nowhere else unless configured", () => {
  const sandbox = (env: Record<string, string>) => loadConfig(env).sandbox;
  expect(sandbox({})).toBe("bubblewrap-if-present");
  expect(sandbox({ WEFT_MODE: "demo", HOST: "0.0.0.0" })).toBe("off");
  expect(sandbox({ WEFT_MODE: "demo", WEFT_PUBLIC_URL: "https://demo.example.com" })).toBe("off");
  expect(sandbox({ WEFT_MODE: "demo", WEFT_TRUSTED_PROXIES: "127.0.0.1" })).toBe("off");
  expect(sandbox({ WEFT_MODE: "demo", WEFT_HOSTS: "demo.example.com" })).toBe("off");
  expect(sandbox({ WEFT_MODE: "demo", WEFT_PUBLIC_URL: "http://localhost:4000" })).toBe("bubblewrap-if-present");
  expect(sandbox({ WEFT_MODE: "production" })).toBe("off");
  expect(sandbox({ WEFT_SANDBOX: "off" })).toBe("off");
  expect(sandbox({ WEFT_MODE: "production", WEFT_SANDBOX: "bubblewrap" })).toBe("bubblewrap");
});

test("registration is open in a demo and closed in production unless configured otherwise", () => {
  const registration = (env: Record<string, string>) => loadConfig(env).registration;
  expect(registration({})).toBe("open");
  expect(registration({ WEFT_REGISTRATION: "closed" })).toBe("closed");
  expect(registration({ WEFT_MODE: "production" })).toBe("closed");
  expect(registration({ WEFT_MODE: "production", WEFT_REGISTRATION: "open" })).toBe("open");
  expect(named(problemsOf({ WEFT_REGISTRATION: "yes" }))).toEqual(["WEFT_REGISTRATION"]);
});

test("the composition root takes precedence over the environment, the environment over the file, and the file over the defaults", () => {
  const path = file({ PORT: 1, HOST: "127.0.0.2", LOG_LEVEL: "warn", WEFT_CORS_ORIGINS: ["https://a.example", "https://b.example"] });
  const config = loadConfig({ WEFT_CONFIG_FILE: path, PORT: "2", HOST: "127.0.0.3", WEFT_DATA_DIR: "  " }, { PORT: 3 });
  expect(config).toMatchObject({
    port: 3,
    host: "127.0.0.3",
    logLevel: "warn",
    dataDir: ".weft",
    corsOrigins: ["https://a.example", "https://b.example"],
  });
});

test("reports every problem at once, each with the name of its setting", () => {
  const env = {
    PORT: "70000",
    WEFT_MODE: "prod",
    DATABASE_URL: "mysql://x",
    REDIS_URL: "nonsense",
    DATABASE_POOL_SIZE: "many",
    WEFT_CONFIG_FILE: file({ PROT: 1, HOST: "" }),
  };
  const problems = problemsOf(env);
  expect(named(problems)).toEqual(["DATABASE_POOL_SIZE", "DATABASE_URL", "HOST", "PORT", "PROT", "REDIS_URL", "WEFT_MODE"]);
  expect(problems.join("\n")).toMatch(/PORT: .*\(from the environment\)/);
});

test("reports an origin that no browser sends and a proxy that is not an address, instead of ignoring them", () => {
  for (const origin of ["https://app.example.com/", "app.example.com", "https://a.example/path", "ftp://a.example"])
    expect(named(problemsOf({ WEFT_CORS_ORIGINS: origin })), origin).toEqual(["WEFT_CORS_ORIGINS"]);
  for (const proxy of ["proxy.internal", "10.0.0.0/33", "10.0.0.0/8/8", "::1/129", "10.0.0"])
    expect(named(problemsOf({ WEFT_TRUSTED_PROXIES: proxy })), proxy).toEqual(["WEFT_TRUSTED_PROXIES"]);
  const env = { WEFT_CORS_ORIGINS: "https://a.example,http://localhost:3000", WEFT_TRUSTED_PROXIES: "10.0.0.0/8, ::1, fd00::/8" };
  expect(problemsOf(env)).toEqual([]);
});

test("hosts come from the public address and from WEFT_HOSTS, in lowercase; a scheme or port in one of them is reported", () => {
  const env = { WEFT_PUBLIC_URL: "https://App.example.com:8443/x", WEFT_HOSTS: "API.example.com, *.weft.example" };
  expect(loadConfig(env).hosts).toEqual(["app.example.com", "127.0.0.1", "api.example.com", "*.weft.example"]);
  for (const host of ["https://api.example.com", "api.example.com:4000", "*", "api.*.example", "a b"])
    expect(named(problemsOf({ WEFT_HOSTS: host })), host).toEqual(["WEFT_HOSTS"]);
});

test("passkeys belong to the host of the public URL, or to the domain and origins of their settings", () => {
  const passkeysOf = (env: Record<string, string>) => loadConfig(env).passkeys;
  const app = { WEFT_PUBLIC_URL: "https://app.example.com:8443/x" };
  expect(passkeysOf({ WEFT_MODE: "demo" })).toEqual({ rpId: "localhost", origins: ["http://localhost:4000"] });
  expect(passkeysOf(app)).toEqual({ rpId: "app.example.com", origins: ["https://app.example.com:8443"] });
  expect(passkeysOf({ ...app, WEFT_PASSKEY_DOMAIN: "Example.com" })).toEqual({
    rpId: "example.com",
    origins: ["https://app.example.com:8443"],
  });
  const other = { WEFT_PASSKEY_DOMAIN: "example.org", WEFT_PASSKEY_ORIGINS: "https://example.org,https://login.example.org" };
  expect(passkeysOf({ ...app, ...other })).toEqual({
    rpId: "example.org",
    origins: ["https://example.org", "https://login.example.org"],
  });
  for (const WEFT_PUBLIC_URL of ["http://app.example.com", "https://192.0.2.1", "https://[2001:db8::1]"])
    expect(passkeysOf({ WEFT_PUBLIC_URL }), WEFT_PUBLIC_URL).toBeUndefined();
});

test("settings with which browsers would refuse passkeys are reported", () => {
  const origins = { WEFT_PASSKEY_DOMAIN: "example.com" };
  for (const origin of ["http://app.example.com", "https://example.org", "https://notexample.com", "https://example.com.evil.example"])
    expect(named(problemsOf({ ...origins, WEFT_PASSKEY_ORIGINS: origin })), origin).toEqual(["WEFT_PASSKEY_ORIGINS"]);
  for (const domain of ["com", "https://example.com", "example.com:443", "192.0.2.1", "*.example.com"])
    expect(named(problemsOf({ WEFT_PUBLIC_URL: "https://example.com", WEFT_PASSKEY_DOMAIN: domain })), domain).toContain(
      "WEFT_PASSKEY_DOMAIN",
    );
  expect(named(problemsOf({ WEFT_PUBLIC_URL: "https://app.example.com", WEFT_PASSKEY_DOMAIN: "example.org" }))).toEqual([
    "WEFT_PASSKEY_ORIGINS",
  ]);
  const address = { WEFT_PUBLIC_URL: "https://192.0.2.1", WEFT_PASSKEY_ORIGINS: "https://app.example.com" };
  expect(named(problemsOf(address))).toEqual(["WEFT_PASSKEY_DOMAIN"]);
});

test("a file that is missing or not valid JSON is reported as a problem of WEFT_CONFIG_FILE", () => {
  expect(problemsOf({ WEFT_CONFIG_FILE: join(folder, "nowhere.json") })).toEqual([expect.stringContaining("WEFT_CONFIG_FILE: the file")]);
  expect(problemsOf({ WEFT_CONFIG_FILE: file("{") })).toEqual([expect.stringContaining("WEFT_CONFIG_FILE")]);
  expect(problemsOf({ WEFT_CONFIG_FILE: file([1]) })).toEqual([expect.stringContaining("must contain one JSON object")]);
});

test("production refuses well-known passwords, an API open to every origin, and cookies of pages over http", () => {
  const env = {
    WEFT_MODE: "production",
    DATABASE_URL: "postgres://weft_app:postgres@localhost/weft",
    REDIS_URL: "redis://:redis@localhost",
    WEFT_CORS_ORIGINS: "*",
    WEFT_COOKIE_ORIGINS: "https://app.example.com,http://intranet.example.com",
  };
  expect(named(problemsOf(env))).toEqual(["DATABASE_URL", "REDIS_URL", "WEFT_COOKIE_ORIGINS", "WEFT_CORS_ORIGINS"]);
  expect(problemsOf({ ...env, WEFT_MODE: "demo" })).toEqual([]);
  expect(problemsOf({ WEFT_MODE: "production", DATABASE_URL: "postgres://weft_app:%zz@localhost/weft" })).toEqual([]);
});

test("production refuses password hashes below OWASP's minimum, and reports the value and the minimum", () => {
  const weak = { WEFT_MODE: "production", PASSWORD_MEMORY_KIB: "8", PASSWORD_PASSES: "1" };
  expect(problemsOf(weak)).toEqual([
    expect.stringMatching(/^PASSWORD_MEMORY_KIB: 8 KiB .* at least 19456/),
    expect.stringMatching(/^PASSWORD_PASSES: 1 .* at least 2/),
  ]);
  expect(problemsOf({ ...weak, PASSWORD_MEMORY_KIB: "19456", PASSWORD_PASSES: "2" })).toEqual([]);
  expect(problemsOf({ ...weak, WEFT_MODE: "demo" })).toEqual([]);
});

test("production refuses to mail unencrypted links, unless they point to this machine", () => {
  const mails = (url: string, smtp = "smtps://mail.example.com") =>
    problemsOf({ WEFT_MODE: "production", SMTP_URL: smtp, WEFT_PUBLIC_URL: url });
  for (const url of ["http://app.example.com", "http://10.0.0.8:4000", "http://localhost.example.com"])
    expect(mails(url), url).toEqual([expect.stringMatching(`^WEFT_PUBLIC_URL: ${url} is not encrypted.*Use an https:// URL`)]);
  for (const url of ["https://app.example.com", "http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"])
    expect(mails(url), url).toEqual([]);
  expect(mails("http://app.example.com", "")).toEqual([]);
});

test("production refuses to send links over a connection that might not be encrypted", () => {
  const sends = (SMTP_URL: string) => problemsOf({ WEFT_MODE: "production", SMTP_URL, WEFT_PUBLIC_URL: "https://app.example.com" });
  for (const url of [
    "smtp://mail.example.com",
    "smtp://mail.example.com?requireTLS=true&ignoreTLS=true",
    "smtps://mail.example.com?secure=false",
  ])
    expect(sends(url), url).toEqual([expect.stringMatching(/^SMTP_URL: .* mail\.example\.com without enforced encryption.*smtps:/)]);
  expect(sends("smtps://mail.example.com?tls.rejectUnauthorized=false")).toEqual([
    expect.stringMatching(/^SMTP_URL: tls\.rejectUnauthorized=false/),
  ]);
  for (const url of [
    "smtps://mail.example.com",
    "smtp://mail.example.com:587?requireTLS=true",
    "smtp://localhost:1025",
    "smtp://127.0.0.1",
  ])
    expect(sends(url), url).toEqual([]);
});

test("the settings of the SMS gateway are complete, and production sends its secret only over TLS", () => {
  const sms = { WEFT_SMS_URL: "http://sms.example.com/", WEFT_SMS_ACCOUNT: "AC1", WEFT_SMS_TOKEN: "t0ken", WEFT_SMS_FROM: "+15005550006" };
  expect(loadConfig(sms).sms).toEqual({
    url: "http://sms.example.com",
    account: "AC1",
    token: "t0ken",
    from: "+15005550006",
    prefixes: [],
  });
  expect(loadConfig({ ...sms, WEFT_SMS_PREFIXES: "+41, +49" }).sms?.prefixes).toEqual(["+41", "+49"]);
  expect(loadConfig({}).sms).toBeUndefined();
  expect(problemsOf({ WEFT_SMS_URL: sms.WEFT_SMS_URL, WEFT_SMS_FROM: "Weft" })).toEqual([
    "WEFT_SMS_ACCOUNT: is required with WEFT_SMS_URL",
    "WEFT_SMS_TOKEN: is required with WEFT_SMS_URL",
  ]);
  expect(named(problemsOf({ ...sms, WEFT_SMS_FROM: "079 123 45 67 89" }))).toContain("WEFT_SMS_FROM");
  const refused = problemsOf({ ...sms, WEFT_MODE: "production" });
  expect(refused).toEqual([expect.stringMatching(/^WEFT_SMS_URL: .* sms\.example\.com without encryption.*https:/)]);
  expect(problemsOf({ ...sms, WEFT_MODE: "production", WEFT_SMS_URL: "https://sms.example.com" })).toEqual([]);
});

test("reports about emails need a domain to which they are sent", () => {
  const bounces = { WEFT_MAIL_BOUNCES: "on", WEFT_INBOUND_MAIL_DOMAIN: "Mail.Example.com" };
  expect(loadConfig(bounces).mail.bounces).toEqual({ domain: "mail.example.com" });
  expect(loadConfig({ WEFT_INBOUND_MAIL_DOMAIN: "mail.example.com" }).mail.bounces).toBeUndefined();
  expect(problemsOf({ WEFT_MAIL_BOUNCES: "on" })).toEqual(["WEFT_INBOUND_MAIL_DOMAIN: is required with WEFT_MAIL_BOUNCES=on"]);
});

test("production refuses connections to other machines without TLS or without a verified server, unless their hosts are listed", () => {
  const plain = {
    WEFT_MODE: "production",
    DATABASE_OWNER_URL: "postgres://owner:x1@db.example.com/weft",
    DATABASE_URL: "postgres://weft_app@db.example.com/weft?sslmode=require",
    DATABASE_WORKER_URL: "postgres://weft_worker@db.example.com/weft?sslmode=disable",
    REDIS_URL: "redis://redis.example.com",
    S3_BUCKET: "weft-files",
    S3_ENDPOINT: "http://10.0.0.7:9000",
    CLAMD_URL: "tcp://[fd00::7]:3310",
    WEFT_SUBGRAPH_AUDIT_URL: "http://audit.weft.svc.cluster.local:4000/graphql",
  };
  const refused = [
    "CLAMD_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_URL",
    "DATABASE_WORKER_URL",
    "REDIS_URL",
    "S3_ENDPOINT",
    "WEFT_SUBGRAPH_AUDIT_URL",
  ];
  expect(named(problemsOf(plain))).toEqual(refused);
  expect(problemsOf(plain).join("\n")).toMatch(
    /^DATABASE_OWNER_URL: .* db\.example\.com .*\?sslmode=verify-full.* add db\.example\.com to WEFT_PLAINTEXT_HOSTS$/m,
  );
  expect(problemsOf(plain).join()).not.toContain("x1");
  expect(problemsOf({ ...plain, WEFT_MODE: "demo" })).toEqual([]);
  const listed = "db.example.com, redis.example.com, 10.0.0.7, fd00::7, *.svc.cluster.local";
  expect(problemsOf({ ...plain, WEFT_PLAINTEXT_HOSTS: listed })).toEqual([]);
  // A name below one that is listed is another host.
  expect(named(problemsOf({ WEFT_MODE: "production", REDIS_URL: "redis://a.redis", WEFT_PLAINTEXT_HOSTS: "redis" }))).toEqual([
    "REDIS_URL",
  ]);
});

test("production reads the hosts and TLS settings of connections like the drivers do", () => {
  const refused: readonly [string, Record<string, string>][] = [
    ["DATABASE_URL", { DATABASE_URL: "postgres:///weft", PGHOST: "db.example.com" }],
    ["DATABASE_URL", { DATABASE_URL: "postgres://weft_app@db.example.com/weft?sslmode=verify-full&sslmode=disable" }],
    ["DATABASE_URL", { DATABASE_URL: "postgres://weft_app@db.example.com,x.localhost/weft" }],
    ["DATABASE_URL", { DATABASE_URL: "postgres://weft_app@db.example.com,a.svc/weft", WEFT_PLAINTEXT_HOSTS: "*.svc" }],
    ["DATABASE_URL", { DATABASE_URL: "postgres://weft_app@db.example.com/weft?host=db.example.com&host=/run/postgresql" }],
    ["REDIS_URL", { REDIS_URL: "redis:///0?host=redis.example.com" }],
    ["NODE_TLS_REJECT_UNAUTHORIZED", { NODE_TLS_REJECT_UNAUTHORIZED: "0" }],
  ];
  for (const [name, env] of refused) expect(named(problemsOf({ WEFT_MODE: "production", ...env })), JSON.stringify(env)).toEqual([name]);
  const bracketed = problemsOf({ WEFT_MODE: "production", CLAMD_URL: "tcp://[fd00::7]:3310" });
  expect(bracketed.join()).toContain("add fd00::7 to WEFT_PLAINTEXT_HOSTS");
});

test("production accepts connections over TLS, to this machine, and over a Unix socket", () => {
  for (const env of [
    { DATABASE_URL: "postgres://weft_app@db.example.com/weft?sslmode=verify-full" },
    { DATABASE_URL: "postgres://weft_app@localhost/weft?host=/run/postgresql" },
    { DATABASE_URL: "postgres://weft_app@127.0.0.1/weft" },
    { REDIS_URL: "rediss://redis.example.com" },
    { REDIS_URL: "redis://localhost" },
    { S3_BUCKET: "weft-files", S3_ENDPOINT: "https://minio.example.com" },
    { WEFT_SUBGRAPH_AUDIT_URL: "https://audit.example.com/graphql" },
    { CLAMD_URL: "tcp://[::1]:3310" },
  ])
    expect(problemsOf({ WEFT_MODE: "production", ...env }), JSON.stringify(env)).toEqual([]);
});

test("production refuses to trust every address and every name, and a password that is its user's name", () => {
  const env = {
    WEFT_MODE: "production",
    WEFT_TRUSTED_PROXIES: "10.0.0.0/8, 0.0.0.0/0, ::/0",
    WEFT_HOSTS: "*.com, *.example.com",
    WEFT_PUBLIC_URL: "https://ada:x@app.example.com/?next=https://evil.example",
    DATABASE_URL: "postgres://weft_app:weft_app@localhost/weft",
  };
  expect(problemsOf(env)).toEqual([
    expect.stringMatching(/^WEFT_TRUSTED_PROXIES: 0\.0\.0\.0\/0 matches every address/),
    expect.stringMatching(/^WEFT_TRUSTED_PROXIES: ::\/0 matches every address/),
    expect.stringMatching(/^WEFT_HOSTS: \*\.com matches every name of a top-level domain/),
    expect.stringMatching(/^WEFT_PUBLIC_URL: contains a user name/),
    expect.stringMatching(/^DATABASE_URL: the password equals the user name/),
  ]);
  expect(problemsOf({ ...env, WEFT_MODE: "demo" })).toEqual([]);
});

test("an unreadable setting does not hide weak settings", () => {
  const env = { WEFT_MODE: "production", PORT: "many", PASSWORD_PASSES: "1", DATABASE_URL: "postgres://weft_app:changeme@localhost/weft" };
  expect(named(problemsOf(env))).toEqual(["DATABASE_URL", "PASSWORD_PASSES", "PORT"]);
  expect(problemsOf(env).join()).not.toContain("changeme");
});

test(".env.example explains exactly the existing settings", () => {
  const lines = readFileSync(new URL("../../../../.env.example", import.meta.url), "utf8").split("\n");
  const explained = lines.flatMap((line) => /^#? ?([A-Z][A-Z0-9_]+)=/.exec(line)?.[1] ?? []);
  expect(explained.toSorted()).toEqual(Object.keys(settings).toSorted());
});
