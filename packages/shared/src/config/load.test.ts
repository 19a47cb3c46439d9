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

/** The settings that problems name. */
const named = (problems: readonly string[]) => problems.map((problem) => problem.split(":")[0] ?? "").toSorted();

test("without any setting a demo on this machine comes out", () => {
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

test("registration is open in a demo and closed in production, unless somebody says otherwise", () => {
  const registration = (env: Record<string, string>) => loadConfig(env).registration;
  expect(registration({})).toBe("open");
  expect(registration({ WEFT_REGISTRATION: "closed" })).toBe("closed");
  expect(registration({ WEFT_MODE: "production" })).toBe("closed");
  expect(registration({ WEFT_MODE: "production", WEFT_REGISTRATION: "open" })).toBe("open");
  expect(named(problemsOf({ WEFT_REGISTRATION: "yes" }))).toEqual(["WEFT_REGISTRATION"]);
});

test("what the composition root says goes before the environment, that before the file, that before the defaults", () => {
  const path = file({ PORT: 1, HOST: "from-file", LOG_LEVEL: "warn", WEFT_CORS_ORIGINS: ["https://a.example", "https://b.example"] });
  const config = loadConfig({ WEFT_CONFIG_FILE: path, PORT: "2", HOST: "from-env", WEFT_DATA_DIR: "  " }, { PORT: 3 });
  expect(config).toMatchObject({
    port: 3,
    host: "from-env",
    logLevel: "warn",
    dataDir: ".weft",
    corsOrigins: ["https://a.example", "https://b.example"],
  });
});

test("every problem is told at once, each with its setting's name", () => {
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

test("an origin that no browser sends and a proxy that is no address are told, not left without effect", () => {
  for (const origin of ["https://app.example.com/", "app.example.com", "https://a.example/path", "ftp://a.example"])
    expect(named(problemsOf({ WEFT_CORS_ORIGINS: origin })), origin).toEqual(["WEFT_CORS_ORIGINS"]);
  for (const proxy of ["proxy.internal", "10.0.0.0/33", "10.0.0.0/8/8", "::1/129", "10.0.0"])
    expect(named(problemsOf({ WEFT_TRUSTED_PROXIES: proxy })), proxy).toEqual(["WEFT_TRUSTED_PROXIES"]);
  const env = { WEFT_CORS_ORIGINS: "https://a.example,http://localhost:3000", WEFT_TRUSTED_PROXIES: "10.0.0.0/8, ::1, fd00::/8" };
  expect(problemsOf(env)).toEqual([]);
});

test("hosts are those of the public address and of WEFT_HOSTS, in lower case; a scheme or a port among them is told", () => {
  const env = { WEFT_PUBLIC_URL: "https://App.example.com:8443/x", WEFT_HOSTS: "API.example.com, *.weft.example" };
  expect(loadConfig(env).hosts).toEqual(["app.example.com", "127.0.0.1", "api.example.com", "*.weft.example"]);
  for (const host of ["https://api.example.com", "api.example.com:4000", "*", "api.*.example", "a b"])
    expect(named(problemsOf({ WEFT_HOSTS: host })), host).toEqual(["WEFT_HOSTS"]);
});

test("a file that is missing or no JSON is a problem of WEFT_CONFIG_FILE", () => {
  expect(problemsOf({ WEFT_CONFIG_FILE: join(folder, "nowhere.json") })).toEqual([
    expect.stringContaining("WEFT_CONFIG_FILE: there is no file"),
  ]);
  expect(problemsOf({ WEFT_CONFIG_FILE: file("{") })).toEqual([expect.stringContaining("WEFT_CONFIG_FILE")]);
  expect(problemsOf({ WEFT_CONFIG_FILE: file([1]) })).toEqual([expect.stringContaining("must hold one JSON object")]);
});

test("production refuses well-known passwords and an API open to every origin", () => {
  const env = {
    WEFT_MODE: "production",
    DATABASE_URL: "postgres://weft_app:postgres@db/weft",
    REDIS_URL: "redis://:redis@redis",
    WEFT_CORS_ORIGINS: "*",
  };
  expect(named(problemsOf(env))).toEqual(["DATABASE_URL", "REDIS_URL", "WEFT_CORS_ORIGINS"]);
  expect(problemsOf({ ...env, WEFT_MODE: "demo" })).toEqual([]);
  expect(problemsOf({ WEFT_MODE: "production", DATABASE_URL: "postgres://weft_app:%zz@db/weft" })).toEqual([]);
});

test("production refuses password hashes below OWASP's minimum, with the value and the least that it takes", () => {
  const weak = { WEFT_MODE: "production", PASSWORD_MEMORY_KIB: "8", PASSWORD_PASSES: "1" };
  expect(problemsOf(weak)).toEqual([
    expect.stringMatching(/^PASSWORD_MEMORY_KIB: 8 KiB .* at least 19456/),
    expect.stringMatching(/^PASSWORD_PASSES: 1 .* at least 2/),
  ]);
  expect(problemsOf({ ...weak, PASSWORD_MEMORY_KIB: "19456", PASSWORD_PASSES: "2" })).toEqual([]);
  expect(problemsOf({ ...weak, WEFT_MODE: "demo" })).toEqual([]);
});

test("production refuses to mail links that are not encrypted, unless they lead to this machine", () => {
  const mails = (url: string, smtp = "smtps://mail.example.com") =>
    problemsOf({ WEFT_MODE: "production", SMTP_URL: smtp, WEFT_PUBLIC_URL: url });
  for (const url of ["http://app.example.com", "http://10.0.0.8:4000", "http://localhost.example.com"])
    expect(mails(url), url).toEqual([expect.stringMatching(`^WEFT_PUBLIC_URL: ${url} is not encrypted.*Use an https:// address`)]);
  for (const url of ["https://app.example.com", "http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"])
    expect(mails(url), url).toEqual([]);
  expect(mails("http://app.example.com", "")).toEqual([]);
});

test("production refuses to send such links over a connection that may not be encrypted", () => {
  const sends = (SMTP_URL: string) => problemsOf({ WEFT_MODE: "production", SMTP_URL, WEFT_PUBLIC_URL: "https://app.example.com" });
  for (const url of [
    "smtp://mail.example.com",
    "smtp://mail.example.com?requireTLS=true&ignoreTLS=true",
    "smtps://mail.example.com?secure=false",
  ])
    expect(sends(url), url).toEqual([expect.stringMatching(/^SMTP_URL: .* mail\.example\.com without encryption.*smtps:/)]);
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

test("production refuses to trust every address and every name, and a password that is its user's name", () => {
  const env = {
    WEFT_MODE: "production",
    WEFT_TRUSTED_PROXIES: "10.0.0.0/8, 0.0.0.0/0, ::/0",
    WEFT_HOSTS: "*.com, *.example.com",
    WEFT_PUBLIC_URL: "https://ada:x@app.example.com/?next=https://evil.example",
    DATABASE_URL: "postgres://weft_app:weft_app@db/weft",
  };
  expect(problemsOf(env)).toEqual([
    expect.stringMatching(/^WEFT_TRUSTED_PROXIES: 0\.0\.0\.0\/0 is every address/),
    expect.stringMatching(/^WEFT_TRUSTED_PROXIES: ::\/0 is every address/),
    expect.stringMatching(/^WEFT_HOSTS: \*\.com is every name of a top-level domain/),
    expect.stringMatching(/^WEFT_PUBLIC_URL: has a user name/),
    expect.stringMatching(/^DATABASE_URL: its password is the name of its user/),
  ]);
  expect(problemsOf({ ...env, WEFT_MODE: "demo" })).toEqual([]);
});

test("a setting that cannot be read does not hide those that are too weak", () => {
  const env = { WEFT_MODE: "production", PORT: "many", PASSWORD_PASSES: "1", DATABASE_URL: "postgres://weft_app:changeme@db/weft" };
  expect(named(problemsOf(env))).toEqual(["DATABASE_URL", "PASSWORD_PASSES", "PORT"]);
  expect(problemsOf(env).join()).not.toContain("changeme");
});

test(".env.example explains exactly the settings that there are", () => {
  const lines = readFileSync(new URL("../../../../.env.example", import.meta.url), "utf8").split("\n");
  const explained = lines.flatMap((line) => /^#? ?([A-Z][A-Z0-9_]+)=/.exec(line)?.[1] ?? []);
  expect(explained.toSorted()).toEqual(Object.keys(settings).toSorted());
});
