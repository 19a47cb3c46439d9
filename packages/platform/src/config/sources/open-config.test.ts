import type { ServerResponse } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveHttp } from "@weft/testkit/network/http-server";
import { VaultServer } from "@weft/testkit/network/vault-server";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { ConfigError } from "../config-error.js";
import { loadConfig } from "../load.js";
import { shownSettings } from "../shown-settings.js";
import { openConfig } from "./open-config.js";

const folder = mkdtempSync(join(tmpdir(), "weft-sources-"));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function aFile(content: string): string {
  const file = join(folder, `secret-${++made}`);
  writeFileSync(file, content);
  return file;
}

const token = "hvs.planted-token";

async function aVault() {
  const vault = await VaultServer.start();
  onTestFinished(() => vault.close());
  vault.addToken(token);
  const env = { WEFT_VAULT_URL: vault.url, WEFT_VAULT_TOKEN_FILE: aFile(`${token}\n`) };
  return { vault, env };
}

async function refusalOf(env: Record<string, string>): Promise<Error & { problems?: readonly string[]; isFinal?: boolean }> {
  return openConfig(env).then(
    () => expect.fail("It was accepted."),
    (error: Error) => error,
  );
}

test("a secret setting can be in a file, whose last line break is not part of it", () => {
  const config = loadConfig({
    REDIS_URL_FILE: aFile("redis://:a-password@redis:6379\n"),
    DATABASE_URL_FILE: aFile("postgres://app:x@db/weft"),
  });
  expect([config.redisUrl, config.database.appUrl]).toEqual(["redis://:a-password@redis:6379", "postgres://app:x@db/weft"]);
});

test("secrets come from the fields of a Vault-compatible server, one reading for those of the same path", async () => {
  const { vault, env } = await aVault();
  vault.write("secret/data/weft/s3", { id: "AKIA1", key: "s3-secret" });
  vault.write("secret/data/weft/redis", { url: "redis://:r@redis:6379" });
  const { config, secrets } = await openConfig({
    ...env,
    S3_BUCKET: "files",
    S3_ACCESS_KEY_ID_VAULT: "secret/data/weft/s3#id",
    S3_SECRET_ACCESS_KEY_VAULT: "secret/data/weft/s3#key",
    REDIS_URL_VAULT: "secret/data/weft/redis#url",
  });
  await secrets.stop();
  expect(config.files.s3?.credentials).toEqual({ accessKeyId: "AKIA1", secretAccessKey: "s3-secret" });
  expect(config.redisUrl).toBe("redis://:r@redis:6379");
  expect(vault.requests.toSorted()).toEqual(["GET secret/data/weft/redis", "GET secret/data/weft/s3"]);
});

test("a path without a field adds its user name and password to the URL, whose role remains the one that works in PostgreSQL", async () => {
  const { vault, env } = await aVault();
  vault.write("secret/data/weft/db", { username: "v-weft-1", password: "p/w d" });
  vault.write("secret/data/weft/mail", { password: "m" });
  const { config } = await openConfig({
    ...env,
    DATABASE_URL: "postgres://weft_app@db:5432/weft?sslmode=verify-full",
    DATABASE_URL_VAULT: "secret/data/weft/db",
    SMTP_URL: "smtps://weft@mail:465",
    SMTP_URL_VAULT: "secret/data/weft/mail",
  });
  expect(config.database.appUrl).toBe("postgres://v-weft-1:p%2Fw%20d@db:5432/weft?sslmode=verify-full&role=weft_app");
  expect(config.mail.smtpUrl).toBe("smtps://weft:m@mail:465");
});

test("the environment takes precedence over the file of settings, whatever the kind of source", () => {
  const settings = aFile(JSON.stringify({ REDIS_URL: "redis://from-the-file", SMTP_URL_FILE: aFile("smtp://mail") }));
  const config = loadConfig({ WEFT_CONFIG_FILE: settings, REDIS_URL_FILE: aFile("redis://from-the-secret") });
  expect([config.redisUrl, config.mail.smtpUrl]).toEqual(["redis://from-the-secret", "smtp://mail"]);
});

test("a URL of the environment does not get the credentials that the file of settings adds to its own", async () => {
  const { vault, env } = await aVault();
  vault.write("secret/data/weft/db", { username: "v-weft-1", password: "p" });
  const file = aFile(JSON.stringify({ DATABASE_URL: "postgres://weft_app@db/weft", DATABASE_URL_VAULT: "secret/data/weft/db" }));
  const { config } = await openConfig({ ...env, WEFT_CONFIG_FILE: file, DATABASE_URL: "postgres://own:o@other/weft" });
  expect(config.database.appUrl).toBe("postgres://own:o@other/weft");
  const added = await openConfig({ WEFT_CONFIG_FILE: file, ...env, DATABASE_URL_VAULT: "secret/data/weft/db" });
  expect(added.config.database.appUrl).toBe("postgres://v-weft-1:p@db/weft?role=weft_app");
});

test("two sources of a setting, sources of settings that are no secrets, and references of another form are refused, all at once", async () => {
  const refusal = await refusalOf({
    REDIS_URL: "redis://redis",
    REDIS_URL_FILE: "/run/redis",
    DATABASE_URL_FILE: "/run/db",
    DATABASE_URL_VAULT: "secret/data/db#url",
    DATABASE_AUTH_URL_VAULT: "secret/data/db",
    WEFT_SMS_TOKEN_VAULT: "secret/data/sms",
    SMTP_URL_VAULT: "../sys/seal#x",
    PORT_FILE: "/run/port",
  });
  expect(refusal).toBeInstanceOf(ConfigError);
  expect(refusal.problems?.map((problem) => problem.replace(/[.,].*/, ""))).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^PORT_FILE: only settings with secrets/),
      "REDIS_URL: is set together with REDIS_URL_FILE",
      "DATABASE_URL_FILE: is set together with DATABASE_URL_VAULT",
      expect.stringMatching(/^DATABASE_AUTH_URL_VAULT: without #FIELD/),
      "WEFT_SMS_TOKEN_VAULT: must have the form PATH#FIELD",
      expect.stringMatching(/^SMTP_URL_VAULT: must have the form/),
      expect.stringMatching(/^WEFT_VAULT_URL: is required with DATABASE_AUTH_URL_VAULT/),
    ]) as unknown,
  );
});

test("a file that is missing, empty or a directory, and values that are not valid, are reported without a value", () => {
  const problems = (env: Record<string, string>): readonly string[] => {
    try {
      loadConfig(env);
      return [];
    } catch (error) {
      return error instanceof ConfigError ? error.problems : [];
    }
  };
  const invalid = aFile("mysql://weft:planted-password@db/weft");
  expect(
    problems({
      REDIS_URL_FILE: join(folder, "none"),
      SMTP_URL_FILE: aFile("\n"),
      S3_ACCESS_KEY_ID_FILE: folder,
      DATABASE_URL_FILE: invalid,
    }),
  ).toEqual([
    expect.stringMatching(/^REDIS_URL_FILE: .*none cannot be read \(ENOENT\)$/),
    expect.stringMatching(/^SMTP_URL_FILE: .* is empty$/),
    expect.stringMatching(/^S3_ACCESS_KEY_ID_FILE: .* cannot be read \(EISDIR\)$/),
    `DATABASE_URL: must be a URL that begins with postgres:// or postgresql:// (from ${invalid})`,
  ]);
  expect(problems({ WEFT_MODE: "production", DATABASE_URL_FILE: aFile("postgres://weft:changeme@localhost/weft") })).toEqual([
    "DATABASE_URL: the password is a well-known default. Production does not start with it",
  ]);
});

test("the start names each setting whose secret is missing or forbidden, with its path, and no other setting that depends on it", async () => {
  const { vault, env } = await aVault();
  vault.write("secret/data/weft/db", { uri: "postgres://planted" });
  vault.write("secret/data/weft/deleted", null);
  vault.denied.add("secret/data/weft/sms");
  const refusal = await refusalOf({
    ...env,
    DATABASE_URL_VAULT: "secret/data/weft/db#url",
    REDIS_URL_VAULT: "secret/data/weft/deleted#url",
    WEFT_SMS_URL: "https://sms.example",
    WEFT_SMS_ACCOUNT: "AC1",
    WEFT_SMS_FROM: "Weft",
    WEFT_SMS_TOKEN_VAULT: "secret/data/weft/sms#token",
  });
  expect(refusal.problems?.toSorted()).toEqual([
    "DATABASE_URL_VAULT: secret/data/weft/db has no text in the field url",
    "REDIS_URL_VAULT: the server has no secret secret/data/weft/deleted, or its latest version was deleted",
    expect.stringMatching(/^WEFT_SMS_TOKEN_VAULT: secret\/data\/weft\/sms: WEFT_VAULT_TOKEN_FILE: .*answered with 403/),
  ]);
  expect(refusal.message).not.toContain("planted");
});

test("a server that is sealed or cannot be reached refuses the start, which can be tried again, with the setting and the path", async () => {
  const { vault, env } = await aVault();
  vault.isSealed = true;
  const settings = { ...env, REDIS_URL_VAULT: "secret/data/weft/redis#url" };
  const sealed = await refusalOf(settings);
  expect(sealed).toMatchObject({ name: "StartRefused", isFinal: false });
  expect(sealed.message).toMatch(/^REDIS_URL_VAULT: secret\/data\/weft\/redis: WEFT_VAULT_URL: .*503 \(Vault is sealed\)/);
  const gone = await refusalOf({ ...settings, WEFT_VAULT_URL: "http://127.0.0.1:9" });
  expect(gone.message).toMatch(/^REDIS_URL_VAULT: secret\/data\/weft\/redis: WEFT_VAULT_URL: http:\/\/127\.0\.0\.1:9\/? cannot be reached/);
  expect(`${sealed.message}${gone.message}`).not.toContain(token);
});

test("an answer that breaks off, or is longer than any secret, refuses the start as a server that cannot be reached", async () => {
  const { env } = await aVault();
  const answers = {
    "/v1/secret/data/broken": (response: ServerResponse) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("{", () => response.destroy());
    },
    "/v1/secret/data/long": (response: ServerResponse) => void response.end(`"${"x".repeat(4_000_001)}"`),
  };
  const server = await serveHttp(({ url }, response) => answers[url as keyof typeof answers](response));
  onTestFinished(() => server.close());
  const refusals = ["broken", "long"].map((name) =>
    refusalOf({ ...env, WEFT_VAULT_URL: server.url, REDIS_URL_VAULT: `secret/data/${name}#url` }),
  );
  for (const refusal of await Promise.all(refusals)) {
    expect(refusal).toMatchObject({ name: "StartRefused", isFinal: false });
    expect(refusal.message).toMatch(/^REDIS_URL_VAULT: secret\/data\/.* cannot be reached/);
  }
});

test("AppRole and the service account of Kubernetes log in, and both together with a token file are refused", async () => {
  const { vault } = await aVault();
  vault.write("secret/data/weft/redis", { url: "redis://redis" });
  const lasting = { seconds: 3_600, maxSeconds: 7_200 };
  vault.addLogin({ mount: "approle", accepts: ({ role_id, secret_id }) => role_id === "weft" && secret_id === "s", ...lasting });
  vault.addLogin({ mount: "k8s", accepts: ({ role, jwt }) => role === "weft" && jwt === "service-account", ...lasting });
  const read = { WEFT_VAULT_URL: vault.url, REDIS_URL_VAULT: "secret/data/weft/redis#url" };
  const appRole = { WEFT_VAULT_ROLE_ID: "weft", WEFT_VAULT_SECRET_ID_FILE: aFile("s\n") };
  const kubernetes = {
    WEFT_VAULT_KUBERNETES_ROLE: "weft",
    WEFT_VAULT_KUBERNETES_TOKEN_FILE: aFile("service-account"),
    WEFT_VAULT_LOGIN_MOUNT: "k8s",
  };
  for (const login of [appRole, kubernetes]) expect((await openConfig({ ...read, ...login })).config.redisUrl).toBe("redis://redis");
  const wrong = await refusalOf({ ...read, ...appRole, WEFT_VAULT_SECRET_ID_FILE: aFile("planted-secret-id") });
  expect(wrong.message).toMatch(/WEFT_VAULT_SECRET_ID_FILE: the login at auth\/approle was refused: .*400 \(invalid role or secret ID\)/);
  expect(wrong.message).not.toContain("planted");
  const both = await refusalOf({ ...read, ...appRole, ...kubernetes });
  expect(both.problems).toContain("WEFT_VAULT_ROLE_ID: is set together with WEFT_VAULT_KUBERNETES_ROLE. Keep one of them");
});

test("operators see where a secret comes from, and not the secret", () => {
  const file = aFile("redis://:planted@redis");
  const shown = shownSettings({ REDIS_URL_FILE: file, DATABASE_URL_VAULT: "secret/data/weft/db#url" });
  const of = (name: string) => shown.find((setting) => setting.name === name);
  expect(of("REDIS_URL")).toEqual({ name: "REDIS_URL", value: "***", origin: "secretFile", file });
  expect(of("DATABASE_URL")).toEqual({ name: "DATABASE_URL", value: "***", origin: "vault", file: "secret/data/weft/db" });
});
