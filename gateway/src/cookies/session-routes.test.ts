import {
  addPasskey,
  aSecondMs,
  enrolTotp,
  newDirectoryLogin,
  newLoginCode,
  pendingLogin,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
  totpCode,
  until,
} from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askAsPage, cookieOf, type Jar, openSocket, sendAsPage, type Sending } from "../testing/page-session.js";

const app = "https://app.example.com";
/** Its pages can call the API, but not with cookies. */
const partner = "https://partner.example.com";
const elsewhere = "https://evil.example";
const me = "{ me { id } }";

let weft: TestWeft;
let acme: TestTenant;
beforeAll(async () => {
  // Without the console, whose pages can use cookies, too (console-session.test.ts).
  weft = await startTestWeft({ settings: { WEFT_CORS_ORIGINS: partner, WEFT_COOKIE_ORIGINS: app, WEFT_CONSOLE: "off" } });
  acme = await weft.tenant();
});
afterAll(() => weft.stop());

const send = (path: string, sending?: Sending): Promise<Response> => sendAsPage({ url: weft.url, origin: app }, path, sending);
const ask = (sending: Sending): Promise<string> => askAsPage({ url: weft.url, origin: app }, sending);

async function logIn({ login, password }: TestUser, jar: Jar = new Map()): Promise<Jar> {
  const response = await send("/session", { jar, body: { login, password } });
  expect(response.status).toBe(200);
  return jar;
}

/** The ID in the token of a device, after those of the tenant and the user. */
const deviceIdOf = (jar: Jar): string =>
  Buffer.from((jar.get("weft_device") ?? "").slice("wdt_".length), "base64url")
    .subarray(32, 48)
    .toString("hex");

describe("a session with cookies", () => {
  test("shows no token to the page, and logs its requests in", async () => {
    const user = await acme.user("viewer");
    const jar: Jar = new Map();
    const response = await send("/session", { jar, body: { login: user.login, password: user.password } });
    expect(Object.keys((await response.json()) as object)).toEqual(["accessTokenExpiresAt", "mustEnrolSecondFactor"]);
    const cookies = response.headers.getSetCookie();
    expect(cookies).toHaveLength(3);
    for (const cookie of cookies)
      expect(cookie).toMatch(/^weft_(access|refresh|device)=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await ask({ jar })).toBe(user.id);
  });

  test("ends with the browser if the login asks for it, also after a renewal, and then leaves only the device", async () => {
    const user = await acme.user("viewer");
    const { login, password } = user;
    const jar: Jar = new Map();
    const maxAges = (response: Response): string[] =>
      response.headers.getSetCookie().flatMap((cookie) => (cookie.includes("Max-Age=") ? [cookie.split("=")[0] ?? ""] : []));
    const begun = await send("/session", { jar, body: { login, password, endsWithBrowser: true } });
    expect([begun.status, maxAges(begun)]).toEqual([200, ["weft_device"]]);
    expect(begun.headers.getSetCookie()).toHaveLength(3);
    const renewed = await send("/session/refresh", { jar });
    expect([renewed.status, maxAges(renewed), await ask({ jar })]).toEqual([200, [], user.id]);
    expect((await send("/session/refresh", { jar })).status).toBe(200);
    expect((await send("/session/logout", { jar })).status).toBe(204);
    expect((await send("/session/refresh", { jar })).status).toBe(401);
    // A later login without it gets lasting cookies again.
    expect(maxAges(await send("/session", { jar, body: { login, password } }))).toEqual(["weft_access", "weft_refresh", "weft_device"]);
    const other = await user.again();
    const taken = await send("/session", { body: { refreshToken: other.refreshToken, endsWithBrowser: true } });
    expect([taken.status, maxAges(taken)]).toEqual([200, []]);
    expect((await send("/session", { body: { login, password, endsWithBrowser: "yes" } })).status).toBe(400);
  });

  test("refuses a wrong password as the API does, and sets no cookie", async () => {
    const { login } = await acme.user("viewer");
    const response = await send("/session", { body: { login, password: "not the password" } });
    expect([response.status, response.headers.getSetCookie()]).toEqual([401, []]);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    expect((await send("/session", { body: { login } })).status).toBe(400);
  });

  test("is not usable by pages of other origins, requests without an origin or the header, and links", async () => {
    const jar = await logIn(await acme.user("viewer"));
    expect(await ask({ jar, headers: { origin: elsewhere } })).toBe("BAD_REQUEST");
    // A demo lets pages of this machine call, but not with cookies.
    expect(await ask({ jar, headers: { origin: "http://localhost:5173" } })).toBe("UNAUTHENTICATED");
    expect(await ask({ jar, headers: { origin: undefined } })).toBe("UNAUTHENTICATED");
    expect(await ask({ jar, headers: { "apollo-require-preflight": undefined } })).toBe("UNAUTHENTICATED");
    const link = await send(`/graphql?query=${encodeURIComponent(me)}`, { jar, method: "GET" });
    expect(JSON.stringify(await link.json())).toContain("UNAUTHENTICATED");
    expect(await ask({ jar, headers: { origin: partner } })).toBe("UNAUTHENTICATED");
    for (const path of ["/session", "/session/refresh", "/session/logout"]) {
      for (const headers of [
        { origin: elsewhere },
        { origin: partner },
        { origin: weft.url },
        { origin: undefined },
        { "apollo-require-preflight": undefined },
      ]) {
        expect((await send(path, { jar: new Map(jar), headers, body: {} })).status).toBe(403);
      }
    }
    expect(await ask({ jar })).not.toBe("UNAUTHENTICATED");
  });

  test("never counts if the request has an Authorization header", async () => {
    const [user, other] = [await acme.user("viewer"), await acme.user("viewer")];
    const jar = await logIn(user);
    expect(await ask({ jar, headers: { authorization: `Bearer ${other.token}` } })).toBe(other.id);
    expect(await ask({ jar, headers: { authorization: "Bearer a.b.c" } })).toBe("UNAUTHENTICATED");
    expect(await ask({ jar, headers: { authorization: "" } })).toBe("UNAUTHENTICATED");
  });

  test("does not continue a session that somebody else put into the browser", async () => {
    const [victim, attacker] = [await acme.user("viewer"), await acme.user("viewer")];
    const fixed = await logIn(attacker);
    const jar = await logIn(victim, new Map(fixed));
    for (const [name, value] of fixed) expect(jar.get(name)).not.toBe(value);
    expect([await ask({ jar }), await ask({ jar: fixed })]).toEqual([victim.id, attacker.id]);
    // A cookie that occurs twice may come from another host of the domain.
    const cookie = [...fixed, ...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    expect(await ask({ headers: { cookie } })).toBe("UNAUTHENTICATED");
  });

  test("is renewed, and removed when it can no longer be", async () => {
    const user = await acme.user("viewer");
    const jar = await logIn(user);
    const former = new Map(jar);
    expect((await send("/session/refresh", { jar })).status).toBe(200);
    expect(jar.get("weft_refresh")).not.toBe(former.get("weft_refresh"));
    expect(await ask({ jar })).toBe(user.id);
    await acme.admin.run("mutation ($id: ID!) { revokeUserSessions(input: { userId: $id }) { endedCount } }", { id: user.id });
    const refused = await send("/session/refresh", { jar });
    expect([refused.status, [...jar.keys()]]).toEqual([401, ["weft_device"]]);
    expect((await send("/session/refresh")).status).toBe(401);
  });

  test("can begin with a refresh token of any other login, which is then used up", async () => {
    const user = await acme.user("viewer");
    const jar: Jar = new Map();
    expect((await send("/session", { jar, body: { refreshToken: user.refreshToken } })).status).toBe(200);
    expect(await ask({ jar })).toBe(user.id);
    await send("/session/refresh", { jar });
    expect((await send("/session", { body: { refreshToken: user.refreshToken } })).status).toBe(401);
  });

  test("begins with the code of a login with an identity provider, and shows no token to the page", async () => {
    const { code, codeVerifier } = await newLoginCode(acme.admin);
    const jar: Jar = new Map();
    const response = await send("/session", { jar, body: { code, codeVerifier } });
    expect(response.status).toBe(200);
    expect(Object.keys((await response.json()) as object)).toEqual(["accessTokenExpiresAt", "mustEnrolSecondFactor"]);
    expect([...jar.keys()].toSorted()).toEqual(["weft_access", "weft_device", "weft_refresh"]);
    expect(await ask({ jar })).toMatch(/^usr_/);
    expect((await send("/session", { body: { code, codeVerifier } })).status).toBe(401);
  });

  test("begins with the password of a directory, and shows no token to the page", { tags: "slow" }, async () => {
    const input = await newDirectoryLogin(acme.admin);
    const jar: Jar = new Map();
    expect((await send("/session", { body: { ...input, password: "" } })).status).toBe(401);
    const response = await send("/session", { jar, body: input });
    expect(Object.keys((await response.json()) as object)).toEqual(["accessTokenExpiresAt", "mustEnrolSecondFactor"]);
    expect(await ask({ jar })).toMatch(/^usr_/);
  });

  test("ends at logout, also if the access token has expired, and its cookies are removed", async () => {
    for (const isExpired of [false, true]) {
      const user = await acme.user("viewer");
      const jar = await logIn(user);
      const kept = new Map(jar);
      if (isExpired) jar.delete("weft_access");
      expect((await send("/session/logout", { jar })).status).toBe(204);
      expect([...jar.keys()]).toEqual(["weft_device"]);
      await until(async () => (await ask({ jar: kept })) === "UNAUTHENTICATED", { what: "the session is over", deadlineMs: aSecondMs });
      expect((await send("/session/refresh", { jar: kept })).status).toBe(401);
    }
    expect((await send("/session/logout")).status).toBe(204);
  });

  test("begins with the second factor, whose tokens the page does not see, either", async () => {
    const user = await acme.user("viewer");
    const { secret, recoveryCodes } = await enrolTotp(user);
    const begin = async (): Promise<string> => {
      const response = await send("/session", { body: { login: user.login, password: user.password } });
      expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
      const { errors } = (await response.json()) as { errors: { extensions: { code: string; mfaToken: string } }[] };
      expect(errors[0]?.extensions.code).toBe("MFA_REQUIRED");
      return errors[0]?.extensions.mfaToken ?? "";
    };
    const mfaToken = await begin();
    const wrong = await send("/session", { body: { mfaToken, code: "000000" } });
    expect([wrong.status, wrong.headers.getSetCookie()]).toEqual([400, []]);
    // The current code is used up.
    for (const body of [
      { mfaToken, code: totpCode(secret, Date.now() + 30_000) },
      { mfaToken: await begin(), recoveryCode: recoveryCodes[0] },
    ]) {
      const jar: Jar = new Map();
      const response = await send("/session", { jar, body });
      expect(response.status).toBe(200);
      expect(Object.keys((await response.json()) as object)).toEqual(["accessTokenExpiresAt", "mustEnrolSecondFactor"]);
      expect([...jar.keys()]).toEqual(["weft_access", "weft_refresh", "weft_device"]);
      expect(await ask({ jar })).toBe(user.id);
      expect((await send("/session", { body })).status).toBe(401);
    }
  });

  test("begins with a passkey, as the second factor or alone", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    const optionsOf = async (mfaToken?: string): Promise<unknown> => {
      const start = "mutation ($mfaToken: String) { startPasskeyLogin(input: { mfaToken: $mfaToken }) { options } }";
      return (await user.run<{ startPasskeyLogin: { options: unknown } }>(start, { mfaToken })).startPasskeyLogin.options;
    };
    const mfaToken = await pendingLogin(user);
    for (const body of [
      { mfaToken, passkey: authenticator.get(await optionsOf(mfaToken)) },
      { passkey: authenticator.get(await optionsOf()) },
      { passkey: authenticator.get(await optionsOf()), tenant: acme.slug },
    ]) {
      const jar: Jar = new Map();
      expect((await send("/session", { jar, body })).status).toBe(200);
      expect([...jar.keys()]).toEqual(["weft_access", "weft_refresh", "weft_device"]);
      expect(await ask({ jar })).toBe(user.id);
      expect((await send("/session", { body })).status).toBe(401);
    }
    for (const body of [{ passkey: "x" }, { passkey: {} }]) expect((await send("/session", { body })).status).toBe(400);
  });

  test("tells the page that the user must enrol a second factor", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("viewer");
    const update = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
    await tenant.admin.run(update, { input: { patch: { security: { secondFactor: "REQUIRED" } }, message: "A test" } });
    const body = { login: user.login, password: user.password };
    await until(
      async () => ((await (await send("/session", { body })).json()) as { mustEnrolSecondFactor: boolean }).mustEnrolSecondFactor,
      { what: "the configuration is known" },
    );
  });

  test("keeps the device known in a cookie that a login sends and a logout leaves", async () => {
    const user = await acme.user("viewer");
    const jar = await logIn(user);
    const first = deviceIdOf(jar);
    await send("/session/logout", { jar });
    await logIn(user, jar);
    expect(deviceIdOf(jar)).toBe(first);
    expect(deviceIdOf(await logIn(user))).not.toBe(first);
    // It counts for its user only.
    await logIn(await acme.user("viewer"), jar);
    expect(deviceIdOf(jar)).not.toBe(first);
  });

  test("lets only configured pages of other origins send cookies", async () => {
    const preflight = async (origin: string) => {
      const headers = { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" };
      const response = await send("/session", { method: "OPTIONS", headers });
      return [response.headers.get("access-control-allow-origin"), response.headers.get("access-control-allow-credentials")];
    };
    expect(await preflight(app)).toEqual([app, "true"]);
    expect(await preflight(partner)).toEqual([partner, null]);
    expect(await preflight("http://localhost:5173")).toEqual(["http://localhost:5173", null]);
    expect(await preflight(elsewhere)).toEqual([null, null]);
  });
});

describe("a socket", () => {
  const open = (headers: Record<string, string>, payload?: object) => openSocket(weft.url, headers, payload);

  test("of an own page is logged in by the cookie, and closes when the session ends", async () => {
    const user = await acme.user("viewer");
    const jar = await logIn(user);
    const { outcome, closed } = await open({ cookie: cookieOf(jar), origin: app });
    expect(outcome).toBe("connected");
    await send("/session/logout", { jar });
    expect(await closed).toBe(4401);
  });

  test("of another page, or of no page, is not", async () => {
    const cookie = cookieOf(await logIn(await acme.user("viewer")));
    expect((await open({ cookie, origin: elsewhere })).outcome).toContain("403");
    expect((await open({ cookie, origin: "http://localhost:5173" })).outcome).toBe("4401");
    expect((await open({ cookie })).outcome).toBe("4401");
  });

  test("with an authorization of its own does not use the cookie", async () => {
    const cookie = cookieOf(await logIn(await acme.user("viewer")));
    expect((await open({ cookie, origin: app }, { authorization: "Bearer a.b.c" })).outcome).toBe("4401");
  });
});
