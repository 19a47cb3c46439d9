import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { aSecondMs, ApiClient, type ApiError, sharedWeft, type TestTenant, type TestUser, type SharedWeft, until } from "@weft/testkit";
import { postgres, type Sql } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let owner: Sql;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  acme = await weft.tenant();
});
afterAll(async () => {
  await owner.end();
});

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Returns the header and claims of a token. */
function opened(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>);
  return { header: header ?? {}, claims: claims ?? {} };
}

/** Signs a token as the server does, with other headers, claims, or another key. */
function signed(
  token: string,
  { header = {}, claims = {}, key }: { header?: Record<string, unknown>; claims?: Record<string, unknown>; key?: KeyObject } = {},
): string {
  const genuine = opened(token);
  const input = `${base64({ ...genuine.header, ...header })}.${base64({ ...genuine.claims, ...claims })}`;
  const with_ = key ?? { key: weft.keys.access.privateJwk as unknown as Record<string, string>, format: "jwk" as const };
  return `${input}.${sign(null, Buffer.from(input), with_).toString("base64url")}`;
}

const status = async (authorization: string, query = "{ me { id } }"): Promise<[number, string | undefined]> => {
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization },
    body: JSON.stringify({ query }),
  });
  const { errors } = (await response.json()) as { errors?: ApiError[] };
  return [response.status, errors?.[0]?.extensions?.code];
};

const works = async (token: string): Promise<boolean> => (await status(`Bearer ${token}`))[0] === 200;

const refresh = (refreshToken: string) =>
  new ApiClient(weft.url).send<{ refreshSession: { accessToken: string; refreshToken: string } }>(
    "mutation ($t: String!) { refreshSession(input: { refreshToken: $t }) { accessToken refreshToken } }",
    {
      t: refreshToken,
    },
  );

describe("access tokens that login did not issue", () => {
  test("are refused, however they were altered, including by public fields", async () => {
    const { token } = acme.admin;
    const { kid, privateJwk } = weft.keys.access;
    const now = Math.floor(Date.now() / 1_000);
    const [header, claims, signature] = token.split(".");
    const hs256 = `${base64({ alg: "HS256", kid, typ: "at+jwt" })}.${claims}`;
    const forged: Record<string, string> = {
      expired: signed(token, { claims: { exp: now - 1 } }),
      "of another issuer": signed(token, { claims: { iss: "https://evil.example" } }),
      "for another audience": signed(token, { claims: { aud: "another-api" } }),
      "for several audiences": signed(token, { claims: { aud: ["another-api"] } }),
      "not yet valid": signed(token, { claims: { nbf: now + 3_600 } }),
      "without a type": `${base64({ alg: "EdDSA", kid })}.${claims}.${signature}`,
      "of another type": signed(token, { header: { typ: "JWT" } }),
      "of an unknown key": signed(token, { header: { kid: "of-nobody" } }),
      "of a key that is a path": signed(token, { header: { kid: "../../../etc/passwd" } }),
      "that brings its own key's address": signed(token, { header: { jku: `${weft.url}/keys` } }),
      "with a critical extension": signed(token, { header: { crit: ["b64"], b64: false } }),
      "without a signature": `${base64({ alg: "none", kid, typ: "at+jwt" })}.${claims}.`,
      "without a signature, in other words": `${base64({ alg: "None", kid, typ: "at+jwt" })}.${claims}.`,
      "HS256 with our public key": `${hs256}.${createHmac("sha256", Buffer.from(privateJwk.x, "base64url")).update(hs256).digest("base64url")}`,
      "of somebody else's key": signed(token, { key: generateKeyPairSync("ed25519").privateKey }),
      "for another user": `${header}.${base64({ ...opened(token).claims, sub: opened((await acme.user("viewer")).token).claims["sub"] })}.${signature}`,
      "for another tenant": signed(token, { claims: { tid: (await weft.tenant()).id } }),
      "that is a refresh token": acme.admin.refreshToken,
      "that is nothing": "x.y.z",
    };
    expect(await works(token)).toBe(true);
    expect(await works(signed(token))).toBe(true);
    for (const [what, wrong] of Object.entries(forged)) {
      expect([what, ...(await status(`Bearer ${wrong}`))]).toEqual([what, 401, "UNAUTHENTICATED"]);
      expect([what, ...(await status(`Bearer ${wrong}`, "{ __typename }"))]).toEqual([what, 401, "UNAUTHENTICATED"]);
    }
  });

  test("are refused without revealing which part of the token was wrong", async () => {
    const answers = await Promise.all(
      [
        signed(acme.admin.token, { claims: { aud: "x" } }),
        "x.y.z",
        signed(acme.admin.token, { key: generateKeyPairSync("ed25519").privateKey }),
      ].map(async (token) => {
        const { errors } = await new ApiClient(weft.url, token).send("{ me { id } }");
        return errors?.[0]?.message;
      }),
    );
    expect(new Set(answers).size).toBe(1);
  });
});

describe("a refresh token", () => {
  test("gives two concurrent tabs the same successor, and continues from it", async () => {
    const session = await acme.admin.again();
    const tabs = await Promise.all([refresh(session.refreshToken), refresh(session.refreshToken)]);
    const [one, two] = tabs.map(({ data }) => data?.refreshSession);
    expect(one?.refreshToken).toBeDefined();
    expect(two?.refreshToken).toBe(one?.refreshToken);
    for (const tab of [one, two]) expect(await works(tab?.accessToken ?? "")).toBe(true);
    expect((await refresh(one?.refreshToken ?? "")).errors).toBeUndefined();
  });

  test("that is reused after its successor was used ends the whole family, tokens and sockets, and is audited", async () => {
    const session = await acme.admin.again();
    const feed = await session.subscribe("notificationReceived", "subscription { notificationReceived { cursor } }");
    const second = (await refresh(session.refreshToken)).data?.refreshSession;
    const third = (await refresh(second?.refreshToken ?? "")).data?.refreshSession;
    const stolen = await refresh(session.refreshToken);
    expect(stolen.errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect((await refresh(third?.refreshToken ?? "")).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    await until(async () => !(await works(third?.accessToken ?? "")), {
      what: "the access tokens of the family are refused",
      deadlineMs: aSecondMs,
    });
    expect((await feed.untilClosed(aSecondMs)).code).toBe(4401);
    const events = await owner`select type from events.log where tenant_id = ${acme.id} and type = 'session.refresh_reused'`;
    expect(events.length).toBe(1);
    expect(await works(acme.admin.token)).toBe(true);
  });

  test("is not accepted as an access token, nor an access token as a refresh token", async () => {
    expect((await refresh(acme.admin.token)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect(await works(acme.admin.refreshToken)).toBe(false);
  });
});

describe("rights are evaluated at the time of the request", () => {
  /** Asserts that calls are refused within a second with this code. */
  const refusedSoon = (who: TestUser, query: string, code: string) =>
    until(async () => (await who.send(query)).errors?.[0]?.extensions?.code === code, {
      what: `${query} is refused with ${code}`,
      deadlineMs: aSecondMs,
      everyMs: 20,
    });

  test("a session is refused within a second of its logout, and other sessions stay valid", async () => {
    const [here, there] = [await acme.admin.again(), await acme.admin.again()];
    await here.run("mutation { logout { sessionId } }");
    await refusedSoon(here, "{ me { id } }", "UNAUTHENTICATED");
    expect((await refresh(here.refreshToken)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect(await works(there.token)).toBe(true);
  });

  test("a deactivated user is refused within a second, in every session", async () => {
    const user = await acme.user("viewer");
    const other = await user.again();
    await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { status } } }", { id: user.id });
    await refusedSoon(user, "{ me { id } }", "UNAUTHENTICATED");
    await refusedSoon(other, "{ me { id } }", "UNAUTHENTICATED");
    expect((await refresh(other.refreshToken)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
  });

  test("a removed role loses its effect within a second, without a new login", async () => {
    const user = await acme.user("admin");
    expect(await user.run("{ auditEntries(first: 1) { edges { node { id } } } }")).toBeDefined();
    const { roles } = await acme.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
      "{ roles(first: 100) { edges { node { id key } } } }",
    );
    await acme.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: user.id, roleIds: [roles.edges.find(({ node }) => node.key === "requester")?.node.id] },
    });
    await refusedSoon(user, "{ auditEntries(first: 1) { edges { node { id } } } }", "FORBIDDEN");
    expect(await works(user.token)).toBe(true);
  });
});
