import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveHttp } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { changedVaultKeys } from "./changed-keys.js";
import { generateKeys, loadKeys, writeKeysFile } from "./keys.js";
import { type KeysPlace, openKeys, sealKeys } from "./keys-place.js";
import { ConfigError, loadConfig } from "./load.js";
import { decrypt, encrypt } from "../privacy/aes-gcm.js";
import { addMasterKey, useNextMasterKey } from "./master-key-rotation.js";
import { encryptInVault } from "./vault-transit.js";

const token = "hvs.a-token-of-tests";
let folder: string;
let tokenFile: string;
let content: Record<string, unknown>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-vault-"));
  tokenFile = join(folder, "token");
  writeFileSync(tokenFile, `${token}\n`);
  writeKeysFile(join(folder, "keys.json"), "production");
  content = JSON.parse(readFileSync(join(folder, "keys.json"), "utf8")) as Record<string, unknown>;
});
afterAll(() => rmSync(folder, { recursive: true }));

async function listen(answer: RequestListener): Promise<string> {
  const server = await serveHttp(answer);
  onTestFinished(() => server.close());
  return server.url;
}

const textOf = async (request: IncomingMessage): Promise<string> => (await request.toArray()).join("");

/** Starts a server with the part of the API of Vault's key-value store of version 2 that reads and writes `secret/data/weft`. */
async function aVault(initial: Record<string, unknown> | null = content) {
  const state = { data: initial, version: initial === null ? 0 : 1, isSealed: false, requests: [] as IncomingMessage[] };
  const url = await listen((request, response) => {
    state.requests.push(request);
    const answer = (status: number, body: object) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const { "x-vault-token": given, "x-vault-request": isRequest } = request.headers;
    if (state.isSealed) return answer(503, { errors: ["Vault is sealed"] });
    if (isRequest !== "true") return answer(412, { errors: ["missing 'X-Vault-Request' header"] });
    if (given !== token) return answer(403, { errors: ["permission denied"] });
    if (request.url !== "/v1/secret/data/weft") return answer(404, { errors: [] });
    const metadata = {
      created_time: "2026-01-01T00:00:00Z",
      custom_metadata: null,
      deletion_time: "",
      destroyed: false,
      version: state.version,
    };
    if (request.method === "GET")
      return state.data === null ? answer(404, { errors: [] }) : answer(200, { request_id: "r", data: { data: state.data, metadata } });
    void textOf(request).then((text) => {
      const { options, data } = JSON.parse(text) as { options: { cas: number }; data: Record<string, unknown> };
      if (options.cas !== state.version) return answer(400, { errors: ["check-and-set parameter did not match the current version"] });
      state.data = data;
      state.version++;
      answer(200, { data: { ...metadata, version: state.version } });
    });
  });
  const place = {
    keysFile: "none",
    mode: "production",
    vault: { url, path: "secret/data/weft", login: { kind: "token", file: tokenFile } },
  } as const;
  return { state, url, place };
}

const refusal = async (promise: Promise<unknown>): Promise<{ name: string; message: string; isFinal?: boolean }> =>
  promise.then(
    () => ({ name: "none", message: "" }),
    (error: Error) => error,
  );

test("reads the keys from a Vault-compatible server, with the token of the file and in the namespace", async () => {
  const { state, place } = await aVault();
  const keys = await openKeys({ ...place, vault: { ...place.vault, namespace: "weft" } });
  expect(keys).toEqual(loadKeys(join(folder, "keys.json"), { create: false, mode: "production" }));
  expect(state.requests[0]?.headers).toMatchObject({ "x-vault-token": token, "x-vault-namespace": "weft" });
});

test("the steps of a rotation write the next version of the secret", async () => {
  const { state, place } = await aVault();
  const before = await openKeys(place);
  await addMasterKey(place);
  await useNextMasterKey(place);
  const after = await openKeys(place);
  expect(state.version).toBe(3);
  expect(after.previousMasterKeys.map(({ key }) => key)).toEqual([before.masterKey]);
  expect(after.refresh).toEqual(before.refresh);
});

test("of two commands at the same time, one is refused and changes nothing", async () => {
  const { state, place } = await aVault();
  const results = await Promise.allSettled([addMasterKey(place), addMasterKey(place)]);
  const failed = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
  expect(failed).toEqual([expect.stringContaining("repeat this one")]);
  expect(state.version).toBe(2);
});

test("the start is refused with the cause: no secret, a wrong token, a sealed server, no server, another kind of answer", async () => {
  const { state, place, url } = await aVault(null);
  expect(await refusal(openKeys(place))).toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("has no secret secret/data/weft") as string,
  });
  const wrong = join(folder, "wrong");
  writeFileSync(wrong, "hvs.wrong");
  const denied = await refusal(openKeys({ ...place, vault: { ...place.vault, login: { kind: "token", file: wrong } } }));
  expect(denied).toMatchObject({ name: "ConfigError", message: expect.stringContaining("403 (permission denied)") as string });
  expect(denied.message).not.toContain("hvs.wrong");
  expect(
    await refusal(openKeys({ ...place, vault: { ...place.vault, login: { kind: "token", file: join(folder, "none") } } })),
  ).toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("cannot be read (ENOENT)") as string,
  });
  state.isSealed = true;
  expect(await refusal(openKeys(place))).toMatchObject({
    name: "StartRefused",
    isFinal: false,
    message: expect.stringContaining("503 (Vault is sealed)") as string,
  });
  const nobody = { ...place, vault: { ...place.vault, url: "http://127.0.0.1:9" } };
  expect(await refusal(openKeys(nobody))).toMatchObject({
    name: "StartRefused",
    message: expect.stringContaining("cannot be reached") as string,
  });
  const elsewhere = await listen((_request, response) => void response.writeHead(200).end("<html>"));
  expect(await refusal(openKeys({ ...place, vault: { ...place.vault, url: elsewhere } }))).toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("is not a secret of a key-value store of version 2") as string,
  });
  expect(url).not.toBe(elsewhere);
});

test("a redirect is not followed, because the other server would receive the token", async () => {
  const other = await aVault();
  const url = await listen((_request, response) => void response.writeHead(307, { location: `${other.url}/v1/secret/data/weft` }).end());
  expect(await refusal(openKeys({ ...other.place, vault: { ...other.place.vault, url } }))).toMatchObject({ name: "StartRefused" });
  expect(other.state.requests).toEqual([]);
});

test("production refuses keys in the server that were generated for a demo or can be guessed, without showing them", async () => {
  const { place } = await aVault({ ...content, madeFor: "demo" });
  await expect(openKeys(place)).rejects.toThrow(/WEFT_VAULT_KEYS: secret\/data\/weft: these keys were generated for a demo/);
  const weak = await aVault({ ...content, cursor: Buffer.alloc(32, 7).toString("base64url") });
  await expect(openKeys(weak.place)).rejects.toThrow(/WEFT_VAULT_KEYS: secret\/data\/weft: cursor: its bytes are not random/);
});

test("a running process learns replaced keys, keeps the known ones while the server fails, and after eight minutes encrypts no more", async () => {
  const keys = generateKeys();
  let [now, reads] = [0, 0];
  let isDown = false;
  const read = () => {
    reads++;
    return isDown ? Promise.reject(new Error("down")) : Promise.resolve(keys);
  };
  const changed = changedVaultKeys(read, { now: () => now, refreshMs: 5 });
  const nextRead = async () => {
    const seen = reads;
    await expect.poll(() => reads).toBeGreaterThan(seen + 1);
  };
  await nextRead();
  expect(changed()).toBe(keys);
  isDown = true;
  await nextRead();
  changed();
  expect(changed()).toBeNull();
  now = 9 * 60_000;
  expect(changed).toThrow(expect.objectContaining({ code: "SERVICE_UNAVAILABLE" }));
  isDown = false;
  await nextRead();
  expect(changed()).toBe(keys);
});

/** Starts a server with the part of the API of Vault's Transit engine that encrypts with the key `transit/keys/weft`, and can rotate it. */
async function aTransitEngine() {
  const state = { versions: [randomBytes(32)], minVersion: 1, isSealed: false, requests: [] as string[] };
  const seal = (plain: Buffer) => {
    const key = state.versions.at(-1) ?? Buffer.alloc(32);
    return `vault:v${state.versions.length}:${Buffer.from(encrypt(key, Buffer.alloc(0), plain), "base64url").toString("base64")}`;
  };
  const open = (ciphertext: string): Buffer | null => {
    const [, version = "0", body = ""] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
    const key = state.versions[Number(version) - 1];
    if (key === undefined || Number(version) < state.minVersion) return null;
    return decrypt(key, Buffer.alloc(0), Buffer.from(body, "base64").toString("base64url"));
  };
  const url = await listen((request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    const answer = (status: number, body: object) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (state.isSealed) return answer(503, { errors: ["Vault is sealed"] });
    if (request.headers["x-vault-token"] !== token) return answer(403, { errors: ["1 error occurred:\n\t* permission denied\n\n"] });
    const [, operation] = /^\/v1\/transit\/(encrypt|decrypt|rewrap)\/weft$/.exec(request.url ?? "") ?? [];
    if (operation === undefined) return answer(404, { errors: [] });
    void textOf(request).then((text) => {
      const { plaintext = "", ciphertext = "" } = JSON.parse(text) as { plaintext?: string; ciphertext?: string };
      const plain = operation === "encrypt" ? Buffer.from(plaintext, "base64") : open(ciphertext);
      if (plain === null) return answer(400, { errors: ["cipher: message authentication failed"] });
      const data =
        operation === "decrypt" ? { plaintext: plain.toString("base64") } : { ciphertext: seal(plain), key_version: state.versions.length };
      answer(200, {
        request_id: "r",
        lease_id: "",
        renewable: false,
        lease_duration: 0,
        data,
        wrap_info: null,
        warnings: null,
        auth: null,
      });
    });
  });
  const keysFile = join(mkdtempSync(join(folder, "sealed-")), "keys.json");
  copyFileSync(join(folder, "keys.json"), keysFile);
  chmodSync(keysFile, 0o600);
  const vault = { url, path: "secret/data/weft", login: { kind: "token", file: tokenFile }, transitKey: "transit/weft" } as const;
  return { state, keysFile, place: { keysFile, mode: "production", vault } as const };
}

test("the Transit engine encrypts the keys file, which contains no key from then on, and the steps of a rotation keep it encrypted", async () => {
  const { state, keysFile, place } = await aTransitEngine();
  const plain = loadKeys(keysFile, { create: false, mode: "production" });
  expect(await sealKeys(place)).toBe("encrypted");
  const stored = () => JSON.parse(readFileSync(keysFile, "utf8")) as Record<string, string>;
  expect(Object.keys(stored())).toEqual(["encryptedBy", "ciphertext"]);
  expect(stored()).toMatchObject({ encryptedBy: "transit/weft", ciphertext: expect.stringMatching(/^vault:v1:/) as string });
  expect(await openKeys(place)).toEqual(plain);
  await addMasterKey(place);
  await useNextMasterKey(place);
  const rotated = await openKeys(place);
  expect(rotated.previousMasterKeys.map(({ key }) => key)).toEqual([plain.masterKey]);
  expect(Object.keys(stored())).toEqual(["encryptedBy", "ciphertext"]);
  // The key of the server is rotated, and the file is encrypted with its newest version, without leaving the server in plain text.
  state.versions.push(randomBytes(32));
  state.requests.length = 0;
  const earlier = readFileSync(keysFile);
  expect(await sealKeys(place)).toBe("rewrapped");
  expect(state.requests).toEqual(["POST /v1/transit/rewrap/weft"]);
  state.minVersion = 2;
  expect(stored()["ciphertext"]).toMatch(/^vault:v2:/);
  expect(await openKeys(place)).toEqual(rotated);
  writeFileSync(keysFile, earlier);
  expect(await refusal(openKeys(place))).toMatchObject({ name: "ConfigError", message: expect.stringContaining("400") as string });
});

test("a keys file stays as it is if the server would not decrypt it again", async () => {
  const { state, keysFile, place } = await aTransitEngine();
  const before = readFileSync(keysFile, "utf8");
  state.minVersion = 2;
  expect(await refusal(sealKeys(place))).toMatchObject({ name: "ConfigError", message: expect.stringContaining("400") as string });
  expect(readFileSync(keysFile, "utf8")).toBe(before);
});

test("of two commands that change the encrypted file at the same time, one is refused", async () => {
  const { place } = await aTransitEngine();
  await sealKeys(place);
  const results = await Promise.allSettled([addMasterKey(place), addMasterKey(place)]);
  const failed = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
  expect(failed).toEqual([expect.stringContaining("another command is changing the keys file")]);
  expect((await openKeys(place)).nextMasterKey).toHaveLength(32);
});

test("with the Transit engine, the start is refused with the cause, and without a key in the message", async () => {
  const { state, keysFile, place } = await aTransitEngine();
  expect(await refusal(openKeys(place))).toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("is not encrypted. Encrypt it with `pnpm keys seal`") as string,
  });
  expect(await refusal(openKeys({ ...place, vault: { ...place.vault, transitKey: "transit/none" } }))).toMatchObject({
    name: "ConfigError",
  });
  await sealKeys(place);
  const { ciphertext, ...rest } = JSON.parse(readFileSync(keysFile, "utf8")) as { ciphertext: string };
  const withoutServer: KeysPlace = { keysFile, mode: "production" };
  expect(await refusal(openKeys(withoutServer))).toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("Set WEFT_VAULT_TRANSIT_KEY") as string,
  });
  await expect(addMasterKey(withoutServer)).rejects.toThrow("Set WEFT_VAULT_TRANSIT_KEY");
  expect(() => sealKeys(withoutServer)).toThrow("WEFT_VAULT_TRANSIT_KEY: is required");
  const none = { ...place.vault, transitKey: "transit/none" };
  expect(await refusal(openKeys({ ...place, vault: none }))).toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("has no Transit engine at transit/decrypt/none") as string,
  });
  state.isSealed = true;
  expect(await refusal(openKeys(place))).toMatchObject({ name: "StartRefused", isFinal: false });
  state.isSealed = false;
  const at = ciphertext.length - 8;
  const damaged = `${ciphertext.slice(0, at)}${ciphertext[at] === "A" ? "B" : "A"}${ciphertext.slice(at + 1)}`;
  writeFileSync(keysFile, JSON.stringify({ ...rest, ciphertext: damaged }));
  expect(await refusal(openKeys(place))).toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("400 (cipher: message authentication failed)") as string,
  });
  // Somebody who may use the key encrypts another text.
  writeFileSync(keysFile, JSON.stringify({ ...rest, ciphertext: await encryptInVault(place.vault, '{"masterKey":"a-secret-text') }));
  const notJson = await refusal(openKeys(place));
  expect(notJson).toMatchObject({ name: "ConfigError", message: expect.stringContaining("not valid JSON") as string });
  expect(notJson.message).not.toContain("a-secret");
  chmodSync(keysFile, 0o644);
  expect((await refusal(openKeys(place))).message).toContain("chmod 600");
});

test("the settings are checked: a token file is required, the path has two parts, and production needs https", () => {
  const problems = (env: Record<string, string>): string => {
    try {
      loadConfig(env);
      return "";
    } catch (error) {
      return error instanceof ConfigError ? error.message : String(error);
    }
  };
  const good = { WEFT_VAULT_URL: "https://vault.example.com:8200", WEFT_VAULT_TOKEN_FILE: "/run/token" };
  expect(loadConfig(good).vault).toEqual({
    url: good.WEFT_VAULT_URL,
    login: { kind: "token", file: "/run/token" },
    path: "secret/data/weft",
  });
  expect(problems({ WEFT_VAULT_URL: good.WEFT_VAULT_URL })).toContain("WEFT_VAULT_TOKEN_FILE: is required");
  expect(loadConfig({ ...good, WEFT_VAULT_TRANSIT_KEY: "transit/weft" }).vault).toMatchObject({ transitKey: "transit/weft" });
  expect(problems({ WEFT_VAULT_TRANSIT_KEY: "transit/weft" })).toContain("WEFT_VAULT_URL: is required with WEFT_VAULT_TRANSIT_KEY");
  for (const key of ["weft", "transit/../sys/weft", "/transit/weft", "transit/weft?x"])
    expect(problems({ ...good, WEFT_VAULT_TRANSIT_KEY: key })).toContain("must have the form MOUNT/NAME");
  for (const path of ["secret/weft", "secret/data/../../sys/seal", "secret/data/weft?version=1", "/secret/data/weft"])
    expect(problems({ ...good, WEFT_VAULT_KEYS: path })).toContain("must have the form MOUNT/data/NAME");
  expect(problems({ ...good, WEFT_MODE: "production", WEFT_VAULT_URL: "http://vault.example.com" })).toContain("without encryption");
});
