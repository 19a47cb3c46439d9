import { request } from "node:http";
import { aSecondMs, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askAsPage, cookieOf, type Jar, openSocket, sendAsPage, type Sending } from "../testing/page-session.js";

// The console's pages have Weft's own origin, and use cookies without WEFT_COOKIE_ORIGINS.

let weft: TestWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_CONSOLE: "on" } });
  acme = await weft.tenant();
});
afterAll(() => weft.stop());

const send = (path: string, sending?: Sending): Promise<Response> => sendAsPage({ url: weft.url, origin: weft.url }, path, sending);
const ask = (sending: Sending): Promise<string> => askAsPage({ url: weft.url, origin: weft.url }, sending);

async function logIn({ login, password }: TestUser): Promise<Jar> {
  const jar: Jar = new Map();
  expect((await send("/session", { jar, body: { login, password } })).status).toBe(200);
  return jar;
}

/** Origins of pages that are not the console's. */
function others(): Record<string, string | undefined> {
  const { port } = new URL(weft.url);
  return {
    "another site": "https://evil.example",
    "another port of this machine": "http://127.0.0.1:5173",
    "another name of this machine": `http://localhost:${port}`,
    "this address over https": weft.url.replace("http:", "https:"),
    "a sandboxed frame": "null",
    "no page": undefined,
  };
}

/** Status of a request to a host that another name was rebound to. */
function statusAt(host: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const all = { host, origin: `http://${host}`, "apollo-require-preflight": "1", "content-type": "application/json", ...headers };
    const sent = request(new URL(path, weft.url), { method: "POST", headers: all, agent: false }, (response) =>
      resolve(response.resume().statusCode),
    );
    sent.on("error", reject).end(JSON.stringify({ query: "{ me { id } }" }));
  });
}

describe("a page of the console", () => {
  test("logs in, renews and logs out without ever seeing a token", async () => {
    const user = await acme.user("viewer");
    const jar: Jar = new Map();
    const response = await send("/session", { jar, body: { login: user.login, password: user.password } });
    expect([response.status, Object.keys((await response.json()) as object)]).toEqual([
      200,
      ["accessTokenExpiresAt", "mustEnrolSecondFactor"],
    ]);
    expect([response.headers.get("cache-control"), response.headers.getSetCookie().length]).toEqual(["no-store", 3]);
    for (const cookie of response.headers.getSetCookie())
      expect(cookie).toMatch(/^weft_(access|refresh|device)=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    expect(await ask({ jar })).toBe(user.id);
    expect((await send("/session/refresh", { jar })).status).toBe(200);
    expect(await ask({ jar })).toBe(user.id);
    const kept = new Map(jar);
    expect((await send("/session/logout", { jar })).status).toBe(204);
    expect([...jar.keys()]).toEqual(["weft_device"]);
    await until(async () => (await ask({ jar: kept })) === "UNAUTHENTICATED", { what: "the session is over", deadlineMs: aSecondMs });
  });

  test("opens a socket that the cookie logs in", async () => {
    const jar = await logIn(await acme.user("viewer"));
    const { outcome, stop } = await openSocket(weft.url, { cookie: cookieOf(jar), origin: weft.url });
    expect(outcome).toBe("connected");
    stop();
  });

  test("is not logged in by the cookie in a GET, without the header, or with an authorization of its own", async () => {
    const jar = await logIn(await acme.user("viewer"));
    const link = await send(`/graphql?query=${encodeURIComponent("{ me { id } }")}`, { jar, method: "GET" });
    expect(JSON.stringify(await link.json())).toContain("UNAUTHENTICATED");
    expect(await ask({ jar, headers: { "apollo-require-preflight": undefined } })).toBe("UNAUTHENTICATED");
    expect(await ask({ jar, headers: { authorization: "Bearer a.b.c" } })).toBe("UNAUTHENTICATED");
    expect((await send("/session/refresh", { jar, headers: { "apollo-require-preflight": undefined } })).status).toBe(403);
  });
});

describe("a page of another origin", () => {
  test("can neither use the console's session, renew it, end it, nor open one", async () => {
    const user = await acme.user("viewer");
    const jar = await logIn(user);
    const body = { login: user.login, password: user.password };
    for (const [what, origin] of Object.entries(others())) {
      expect([what, await ask({ jar, headers: { origin } })]).toEqual([what, expect.stringMatching(/^(UNAUTHENTICATED|BAD_REQUEST)$/)]);
      for (const path of ["/session", "/session/refresh", "/session/logout"]) {
        const response = await send(path, { jar: new Map(jar), headers: { origin }, body });
        expect([what, path, response.status, response.headers.getSetCookie()]).toEqual([what, path, 403, []]);
      }
    }
    expect(await ask({ jar })).toBe(user.id);
  });

  test("is not allowed by a preflight to send cookies", async () => {
    const preflight = async (origin: string): Promise<string | null> => {
      const headers = { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" };
      const response = await send("/session", { method: "OPTIONS", headers });
      return response.headers.get("access-control-allow-credentials");
    };
    expect(await preflight(weft.url)).toBe("true");
    for (const origin of Object.values(others()))
      if (origin !== undefined) expect([origin, await preflight(origin)]).toEqual([origin, null]);
  });

  test("opens no socket that the cookie logs in", async () => {
    const cookie = cookieOf(await logIn(await acme.user("viewer")));
    for (const [what, origin] of Object.entries(others())) {
      const { outcome } = await openSocket(weft.url, { cookie, ...(origin !== undefined && { origin }) });
      expect([what, outcome]).toEqual([what, expect.stringMatching(/403|^4401$/)]);
    }
  });

  test("whose name was rebound to this server gets no answer, over HTTP and WebSocket", async () => {
    const cookie = cookieOf(await logIn(await acme.user("viewer")));
    const host = `evil.example:${new URL(weft.url).port}`;
    for (const path of ["/session", "/session/refresh", "/graphql", "/console/"])
      expect([path, await statusAt(host, path, { cookie })]).toEqual([path, 421]);
    expect((await openSocket(weft.url, { cookie, host, origin: `http://${host}` })).outcome).toContain("421");
  });
});

test("without the console and WEFT_COOKIE_ORIGINS, there are no sessions with cookies", async () => {
  const off = await startTestWeft({ settings: { WEFT_CONSOLE: "off" } });
  try {
    const page = { url: off.url, origin: off.url };
    for (const path of ["/session", "/session/refresh", "/session/logout"])
      expect((await sendAsPage(page, path, { body: {} })).status).toBe(404);
  } finally {
    await off.stop();
  }
});
