import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { withDatabaseUrls, roleSettings } from "./database-urls.js";
import { generateKeys, loadKeys, writeKeysFile } from "./keys.js";
import { ConfigError, loadConfig } from "./load.js";

const folder = mkdtempSync(join(tmpdir(), "weft-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

const newFile = () => join(mkdtempSync(join(folder, "of-a-test-")), "inner", "keys.json");

test("a demo creates its keys once, readable only by their owner, and reuses them", () => {
  const file = newFile();
  const made = loadKeys(file, { create: true, mode: "demo" });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(file, ".."))).toEqual(["keys.json"]);
  expect(loadKeys(file, { create: true, mode: "demo" })).toEqual(made);
  expect([made.refresh, made.cursor, made.internalCall, made.masterKey].map((key) => key.length)).toEqual([32, 32, 32, 32]);
  expect(new Set([made.refresh, made.cursor, made.internalCall, made.masterKey].map(String)).size).toBe(4);
});

test("production neither creates keys nor accepts those of a demo", () => {
  const file = newFile();
  expect(() => loadKeys(file, { create: false, mode: "production" })).toThrow(/pnpm keys/);
  writeKeysFile(file, "demo");
  expect(() => loadKeys(file, { create: false, mode: "production" })).toThrow(/generated for a demo/);
  const own = newFile();
  writeKeysFile(own, "production");
  expect(loadKeys(own, { create: false, mode: "production" }).masterKey.length).toBe(32);
});

test("if two processes create the file at the same time, the first wins", () => {
  const file = newFile();
  writeKeysFile(file, "demo");
  const first = readFileSync(file, "utf8");
  writeKeysFile(file, "demo");
  expect(readFileSync(file, "utf8")).toBe(first);
});

test("refuses a file that is damaged or readable by others, without revealing its contents", () => {
  const file = newFile();
  writeKeysFile(file, "demo");
  chmodSync(file, 0o644);
  expect(() => loadKeys(file, { create: false })).toThrow(/chmod 600/);
  chmodSync(file, 0o600);
  const content = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...content, masterKey: "too-short-secret" }));
  const refusal = () => loadKeys(file, { create: false });
  expect(refusal).toThrow(ConfigError);
  expect(refusal).toThrow(/masterKey: must be 32 bytes/);
  expect(refusal).not.toThrow(/too-short-secret/);
});

describe("production refuses keys that can be guessed:", () => {
  type Content = Record<"refresh" | "cursor" | "internalCall" | "masterKey", string> & {
    access: { privateJwk: object };
    checkpoint: { privateJwk: object };
    databasePasswords: Record<string, string>;
  };
  const written = (change: (content: Content) => void): string => {
    const file = newFile();
    writeKeysFile(file, "production");
    const content = JSON.parse(readFileSync(file, "utf8")) as Content;
    change(content);
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const key = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const repeated = key(Buffer.from("0123456789abcdefg".repeat(2).slice(0, 32)));

  test.each<[string, (content: Content) => void, RegExp]>([
    ["only zeros", (content) => (content.masterKey = key(new Uint8Array(32))), /masterKey: its bytes are not random/],
    ["few distinct bytes", (content) => (content.cursor = key(Buffer.alloc(32, "abcdefgh"))), /cursor: its bytes are not random/],
    [
      "a count",
      (content) => (content.cursor = key(Uint8Array.from({ length: 32 }, (_, at) => at * 3))),
      /cursor: its bytes are not random/,
    ],
    ["a text", (content) => (content.refresh = key(Buffer.from("a quiet river runs to the sea 42"))), /refresh: its bytes are not random/],
    ["a repeated text", (content) => (content.refresh = repeated), /refresh: its bytes are not random/],
    ["the same key twice", (content) => (content.cursor = content.refresh), /refresh, cursor: are the same key/],
    [
      "the same key twice in two encodings",
      (content) => (content.cursor = `${Buffer.from(content.refresh, "base64url").toString("base64")}\n`),
      /refresh, cursor: are the same key/,
    ],
    [
      "a random pattern twice",
      (content) => (content.masterKey = key(Buffer.concat(Array<Buffer>(2).fill(Buffer.from("6f1c0a93e27bd48855fe21b70c3a99d4", "hex"))))),
      /masterKey: its bytes are not random/,
    ],
    [
      "a value that the public key set reveals",
      (content) => (content.internalCall = (content.access.privateJwk as { x: string }).x),
      /internalCall: is the public half of a signing key/,
    ],
    [
      "one key pair for both",
      (content) => (content.checkpoint.privateJwk = content.access.privateJwk),
      /access, checkpoint: are the same key/,
    ],
    ["a simple password", ({ databasePasswords }) => (databasePasswords["app"] = "a".repeat(20)), /databasePasswords.app: is not random/],
    [
      "a typed password",
      ({ databasePasswords }) => (databasePasswords["app"] = "Postgres-for-weft-2026"),
      /databasePasswords.app: is not random/,
    ],
    [
      "a repeated password",
      ({ databasePasswords }) => (databasePasswords["app"] = "k3vq9zt1k3vq9zt1k3"),
      /databasePasswords.app: is not random/,
    ],
    [
      "the same password twice",
      ({ databasePasswords: all }) => (all["auth"] = all["app"] ?? ""),
      /databasePasswords.app, databasePasswords.auth: are the same/,
    ],
  ])("%s", (_what, change, problem) => {
    const file = written(change);
    expect(() => loadKeys(file, { create: false, mode: "production" })).toThrow(problem);
    expect(() => loadKeys(file, { create: false, mode: "production" })).toThrow(/WEFT_KEYS_FILE.*pnpm keys/);
    expect(() => loadKeys(file, { create: false, mode: "demo" })).not.toThrow();
  });

  test("reports all problems together without revealing any key", () => {
    const file = written((content) => {
      content.cursor = content.refresh = key(Buffer.alloc(32, 7));
      content.databasePasswords["worker"] = "postgrespostgres";
    });
    const refusal = () => loadKeys(file, { create: false, mode: "production" });
    expect(refusal).toThrow(/refresh: .*cursor: .*refresh, cursor: .*databasePasswords.worker: /s);
    expect(refusal).not.toThrow(/BwcH|postgrespostgres/);
  });

  test("never refuses generated keys", () => {
    for (let round = 0; round < 200; round++)
      expect(() =>
        loadKeys(
          written(() => {}),
          { create: false, mode: "production" },
        ),
      ).not.toThrow();
  });
});

test("derives the URLs of the roles from the owner's URL, with the passwords of the keys file", () => {
  const keys = generateKeys();
  const config = withDatabaseUrls(loadConfig({ DATABASE_OWNER_URL: "postgres://owner:geheim@db:5433/weft?sslmode=require" }), keys);
  expect(config.database.appUrl).toBe(`postgres://weft_app:${keys.databasePasswords.app}@db:5433/weft?sslmode=require`);
  expect(config.database.authUrl).toContain(`weft_auth:${keys.databasePasswords.auth}@db:5433`);
  const given = withDatabaseUrls(
    loadConfig({ DATABASE_OWNER_URL: "postgres://o:g@db/weft", DATABASE_URL: "postgres://other:p%40ss@db/weft" }),
    keys,
  );
  expect(given.database.appUrl).toBe("postgres://other:p%40ss@db/weft");
  expect(roleSettings(given, keys).app).toEqual({ name: "other", password: "p@ss" });
  expect(() => withDatabaseUrls(loadConfig({}), keys)).toThrow(/DATABASE_WORKER_URL: is not set/);
});
