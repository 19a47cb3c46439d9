import { createHmac, generateKeyPairSync } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { signCall } from "@weft/api/subgraph";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { aSecondMs } from "@weft/testkit/until";
import { exportJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../testing/start-gateway.js";
import { Viewers } from "./viewers.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Returns the status and code for a token, with a query that needs no permission. */
async function answered(authorization: string): Promise<[number, unknown]> {
  const response = await weft.post({ query: "{ greeting }" }, { authorization });
  const body = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return [response.status, body.errors?.[0]?.extensions.code];
}
const refused = [401, "UNAUTHENTICATED"];

describe("access tokens", () => {
  test("accepts a token that Weft issued, and treats a request without one as anonymous", async () => {
    const { token, userId, tenantId } = await weft.person({ permissions: { "request.read": "OWN" } });
    const answer = await weft.run("{ whoAmI }", { token });
    expect(answer.data).toMatchObject({ whoAmI: { viewer: { userId, tenantId, permissions: { "request.read": ["OWN"] } } } });
    expect((await weft.run("{ whoAmI }")).data).toMatchObject({ whoAmI: { viewer: null } });
    expect(await answered(`bearer ${token}`)).toEqual([200, undefined]);
  });

  test("refuses tokens that are expired, not valid yet, from another issuer, for another audience or of another type", async () => {
    const person = await weft.person();
    const now = Math.floor(Date.now() / 1_000);
    const wrong = {
      expired: await person.sign({ exp: now - 1 }),
      "valid for too long": await person.sign({ iat: now, exp: now + 3_601 }),
      "without an end": await person.sign({ exp: undefined }),
      early: await person.sign({ nbf: now + 600 }),
      "from the future": await person.sign({ iat: now + 600 }),
      "of another issuer": await person.sign({ iss: "elsewhere" }),
      "for another audience": await person.sign({ aud: "somebody-else" }),
      "of another type": await person.sign({}, { typ: "JWT" }),
      "without a type": await person.sign({}, { typ: undefined }),
      "of an unknown key": await person.sign({}, { kid: "unknown" }),
      "of a hostile key": await person.sign({}, { kid: "../../etc/passwd" }),
      "that names its key's address": await person.sign({}, { jku: "http://127.0.0.1:1/keys" }),
      "that brings its key": await person.sign({}, { jwk: { kty: "OKP" } }),
      "of nobody": await person.sign({ sub: "admin" }),
      "of a tenant that is no id": await person.sign({ tid: "' or true --" }),
    };
    for (const [what, token] of Object.entries(wrong)) expect([what, ...(await answered(`Bearer ${token}`))]).toEqual([what, ...refused]);
  });

  test("refuses tokens that are unsigned, signed with the public key as a secret, signed with another key, or edited", async () => {
    const { userId, tenantId, sessionId, token } = await weft.person();
    const now = Math.floor(Date.now() / 1_000);
    const claims = { sub: userId, tid: tenantId, sid: sessionId, iss: "weft", aud: "weft-api", iat: now, exp: now + 900 };
    const { kid, privateJwk } = weft.keys.access;
    const body = base64(claims);
    const hs256 = `${base64({ alg: "HS256", kid, typ: "at+jwt" })}.${body}`;
    const other = generateKeyPairSync("ed25519").privateKey;
    const [head, payload, signature] = token.split(".");
    const edited = base64({ ...claims, sub: newId() });
    const wrong = {
      none: `${base64({ alg: "none", kid, typ: "at+jwt" })}.${body}.`,
      "none with a signature": `${base64({ alg: "none", kid, typ: "at+jwt" })}.${body}.${signature ?? ""}`,
      HS256: `${hs256}.${createHmac("sha256", Buffer.from(privateJwk.x, "base64url")).update(hs256).digest("base64url")}`,
      "HS256 with the key's text": `${hs256}.${createHmac("sha256", privateJwk.x).update(hs256).digest("base64url")}`,
      "another key": await new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", kid, typ: "at+jwt" }).sign(other),
      "its own key": await new SignJWT(claims)
        .setProtectedHeader({ alg: "EdDSA", kid, typ: "at+jwt", jwk: await exportJWK(generateKeyPairSync("ed25519").publicKey) })
        .sign(other),
      edited: `${head ?? ""}.${edited}.${signature ?? ""}`,
      "cut off": `${head ?? ""}.${payload ?? ""}`,
      "too long": `${token}${"A".repeat(5_000)}`,
    };
    for (const [what, forged] of Object.entries(wrong)) expect([what, ...(await answered(`Bearer ${forged}`))]).toEqual([what, ...refused]);
    for (const header of ["Bearer", "Basic YTpi", token, `Bearer ${token} x`, `Bearer  ${token}`])
      expect([header, ...(await answered(header))]).toEqual([header, ...refused]);
  });

  test("does not combine the claims of two tokens through the cache: session, user and tenant must belong together", async () => {
    const [ada, bob] = [await weft.person(), await weft.person()];
    expect(await answered(`Bearer ${ada.token}`)).toEqual([200, undefined]);
    expect(await answered(`Bearer ${await ada.sign({ sub: bob.userId })}`)).toEqual(refused);
    expect(await answered(`Bearer ${await ada.sign({ tid: bob.tenantId })}`)).toEqual(refused);
    expect(await answered(`Bearer ${await ada.sign({ sid: newId() })}`)).toEqual(refused);
  });
});

describe("rights are evaluated at the time of the request", () => {
  const eventually = async (token: string): Promise<[number, unknown]> => {
    const deadline = performance.now() + aSecondMs;
    for (;;) {
      const answer = await answered(`Bearer ${token}`);
      if (answer[0] !== 200 || performance.now() > deadline) return answer;
    }
  };

  test("a revoked session, a disabled user, and a suspended tenant are refused within a second, even without a message", async () => {
    const { sql } = weft;
    const revoked = await weft.person();
    const disabled = await weft.person();
    const suspended = await weft.person();
    for (const { token } of [revoked, disabled, suspended]) expect(await answered(`Bearer ${token}`)).toEqual([200, undefined]);
    await sql`update identity.sessions set revoked_at = now() where id = ${revoked.sessionId}`;
    await sql`update identity.users set status = 'DISABLED' where id = ${disabled.userId}`;
    await sql`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${suspended.tenantId}`;
    expect(await eventually(revoked.token)).toEqual(refused);
    expect(await eventually(disabled.token)).toEqual(refused);
    expect(await eventually(suspended.token)).toEqual([403, "TENANT_SUSPENDED"]);
  });

  test("a session past the timeouts of its tenant is refused within a second, even without a message, and its use is not recorded", async () => {
    const [old, idle, recent] = [await weft.person(), await weft.person(), await weft.person()];
    for (const { token } of [old, idle, recent]) expect(await answered(`Bearer ${token}`)).toEqual([200, undefined]);
    await weft.sql`update identity.sessions set created_at = now() - interval '2161 hours' where id = ${old.sessionId}`;
    await weft.sql`update identity.sessions set last_used_at = now() - interval '337 hours' where id = ${idle.sessionId}`;
    for (const { token } of [old, idle]) expect(await eventually(token)).toEqual(refused);
    expect(await answered(`Bearer ${recent.token}`)).toEqual([200, undefined]);
    const [row] =
      await weft.sql`select last_used_at < now() - interval '336 hours' as is_idle from identity.sessions where id = ${idle.sessionId}`;
    expect(row?.["is_idle"]).toBe(true);
  });

  test("a revocation message takes effect at once", async () => {
    const { tenantId, userId, sessionId, token } = await weft.person();
    expect(await answered(`Bearer ${token}`)).toEqual([200, undefined]);
    await weft.sql`update identity.sessions set revoked_at = now() where id = ${sessionId}`;
    await weft.pubsub.publish("revocations", JSON.stringify({ tenantId, userId }));
    await Promise.resolve();
    expect(await answered(`Bearer ${token}`)).toEqual(refused);
  });

  test("roles grant permissions with their scopes, and an unknown permission grants nothing", async () => {
    const { token } = await weft.person({ permissions: { "role.update": "TENANT", "secret.everything": "TENANT" } });
    expect(await weft.run("{ onlyRoleEditors }", { token })).toEqual({ data: { onlyRoleEditors: "you may" } });
    expect((await weft.run("{ whoAmI }", { token })).data).toMatchObject({
      whoAmI: { viewer: { permissions: { "role.update": ["TENANT"] } } },
    });
    const other = await weft.person();
    expect((await weft.run("{ onlyRoleEditors }", { token: other.token })).errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
  });

  test("a hundred concurrent requests load their viewers with few statements", async () => {
    const persons = await Promise.all(Array.from({ length: 10 }, () => weft.person()));
    const seen: string[] = [];
    const { auth } = weft.services.databases;
    // The configuration of their tenants is read in parallel.
    auth.onStatement = (text) => void (text.includes("loadViewers") && seen.push(text));
    await Promise.all(Array.from({ length: 100 }, (_, index) => answered(`Bearer ${persons[index % 10]?.token ?? ""}`)));
    auth.onStatement = undefined;
    expect(seen.length).toBeGreaterThan(0);
    // On a busy machine, requests arrive one by one. Without batches there would be one statement per request.
    expect(seen.length).toBeLessThan(50);
  });
});

describe("sessions in use are loaded again together", () => {
  /** Two sessions are loaded at 0 ms, and the second is used at 300 ms. At 600 ms, the first is requested again: both are too old. */
  async function reloading() {
    const { auth } = weft.services.databases;
    const claimsOf = ({ tenantId, userId, sessionId }: TestPerson) => ({ tenantId, userId, sessionId, expiresAt: Infinity });
    const [first, second] = [claimsOf(await weft.person()), claimsOf(await weft.person())];
    let ms = 0;
    const viewers = new Viewers({ auth, log: weft.services.log, now: () => ms });
    let statements = 0;
    auth.onStatement = (text) => void (text.includes("loadViewers") && statements++);
    onTestFinished(() => (auth.onStatement = undefined));
    await Promise.all([viewers.viewerOf(first), viewers.viewerOf(second)]);
    ms = 300;
    await viewers.viewerOf(second);
    expect(statements).toBe(1);
    ms = 490;
    const before = await viewers.viewerOf(second);
    ms = 600;
    return { viewers, first, second, before, setMs: (value: number) => (ms = value), statements: () => statements };
  }

  test("with one statement, if they were requested recently", async () => {
    const { viewers, first, second, before, setMs, statements } = await reloading();
    await viewers.viewerOf(first);
    setMs(1_000);
    const after = await viewers.viewerOf(second);
    expect(statements()).toBe(2);
    expect(after).not.toBe(before);
    expect(after).toEqual(before);
    // Loaded at 600 ms.
    setMs(1_100);
    await viewers.viewerOf(second);
    expect(statements()).toBe(3);
  });

  test("but not if nobody requested them any more", async () => {
    const { viewers, first, second, before, setMs, statements } = await reloading();
    setMs(990);
    await viewers.viewerOf(first);
    expect(statements()).toBe(2);
    expect(viewers.cachedStateOf(second)).toBeUndefined();
    expect(await viewers.viewerOf(second)).toEqual(before);
    expect(statements()).toBe(3);
  });

  test("and a revocation while they are loaded takes effect: the loaded state is not used", async () => {
    const { viewers, first, second, statements } = await reloading();
    const reload = viewers.viewerOf(first);
    // The statement is sent in the next turn of the event loop.
    await new Promise(setImmediate);
    viewers.revoke({ tenantId: second.tenantId, userId: second.userId });
    await reload;
    expect(viewers.cachedStateOf(second)).toBeUndefined();
    await viewers.viewerOf(second);
    expect(statements()).toBe(3);
  });
});

test("headers that name a viewer have no effect", async () => {
  const { tenantId, userId, sessionId } = await weft.person({ permissions: { "role.update": "TENANT" } });
  const viewer = {
    tenantId,
    tenantSlug: "x",
    userId,
    userType: "EMPLOYEE" as const,
    vendorId: null,
    sessionId,
    apiKey: null,
    operatorId: null,
    authenticatedAt: null,
    isRestricted: false,
    roles: ["admin"],
    teamIds: [],
    ledTeamIds: [],
    permissions: { "role.update": ["TENANT" as const] },
    denials: {},
    rightsVersion: "1",
  };
  const body = JSON.stringify({ query: "{ whoAmI onlyRoleEditors }" });
  const signed = signCall(weft.keys.internalCall, {
    viewer,
    requestId: "forged-request",
    address: "203.0.113.9",
    userAgent: null,
    traceId: null,
    subgraph: "people",
    body,
  });
  const response = await weft.post(body, {
    "x-weft-call": signed,
    "x-weft-viewer": base64(viewer),
    "x-user-id": userId,
    "x-tenant-id": tenantId,
  });
  const answer = (await response.json()) as {
    data: { whoAmI: { viewer: unknown; address: string } | null } | null;
    errors: { extensions: { code: string } }[];
  };
  expect(answer.errors[0]?.extensions.code).toBe("UNAUTHENTICATED");
  const alone: unknown = await (
    await weft.post({ query: "{ whoAmI }" }, { "x-weft-call": signed, "x-weft-viewer": base64(viewer) })
  ).json();
  expect(alone).toMatchObject({ data: { whoAmI: { viewer: null, address: "127.0.0.1" } } });
});
