import { expect, test } from "vitest";
import { createSessionCookies } from "./session-cookies.js";

const tokens = { accessToken: "a.b.c", accessTokenExpiresAt: new Date(Date.now() + 900_500).toISOString(), refreshToken: "wrt_x" };

test("in production, cookies are bound to the host and to https", () => {
  const cookies = createSessionCookies({ mode: "production", console: "off", cookieOrigins: [] });
  const rest = "HttpOnly; SameSite=Strict; Secure";
  expect(cookies.keeping({ ...tokens, endsWithBrowser: false })).toEqual([
    `__Host-weft_access=a.b.c; Path=/; Max-Age=900; ${rest}`,
    `__Host-weft_refresh=wrt_x; Path=/; Max-Age=34560000; ${rest}`,
  ]);
  expect(cookies.clearing()).toEqual([
    `__Host-weft_access=; Path=/; Max-Age=0; ${rest}`,
    `__Host-weft_refresh=; Path=/; Max-Age=0; ${rest}`,
  ]);
  expect(cookies.keeping({ ...tokens, deviceToken: "wdt_x", endsWithBrowser: false }).at(2)).toBe(
    `__Host-weft_device=wdt_x; Path=/; Max-Age=34560000; ${rest}`,
  );
});

test("reads only its own cookies, each at most once", () => {
  const cookies = createSessionCookies({ mode: "production", console: "off", cookieOrigins: [] });
  const read = (cookie: string | undefined) => cookies.tokensOf(cookie === undefined ? {} : { cookie });
  expect(read("theme=dark; __Host-weft_access=a.b.c;__Host-weft_refresh=wrt_x")).toEqual({
    access: "a.b.c",
    refresh: "wrt_x",
    device: undefined,
    endsWithBrowser: false,
  });
  expect(read("__Host-weft_refresh=brief.wrt_x")).toMatchObject({ refresh: "wrt_x", endsWithBrowser: true });
  const none = { access: undefined, refresh: undefined, device: undefined, endsWithBrowser: false };
  for (const cookie of [
    undefined,
    "",
    "weft_access=a.b.c",
    "__host-weft_access=a.b.c",
    "__Host-weft_access",
    "__Host-weft_access=",
    '__Host-weft_access="a.b.c"',
    "__Host-weft_access=a b",
    "__Host-weft_access=a.b.c; __Host-weft_access=d.e.f",
    "x__Host-weft_access=a.b.c",
  ])
    expect(read(cookie), cookie).toEqual(none);
});

test("belongs to pages of configured origins only", () => {
  const cookies = createSessionCookies({ mode: "production", console: "off", cookieOrigins: ["https://app.example.com"] });
  const isOwn = (origin?: string) => cookies.isOwnPage({ host: "weft.example.com", ...(origin !== undefined && { origin }) });
  expect(isOwn("https://app.example.com")).toBe(true);
  for (const origin of [
    undefined,
    "",
    "null",
    "https://weft.example.com",
    "https://app.example.com.evil.example",
    "https://app.example.com:8443",
    "https://evil.example",
    "http://app.example.com",
  ])
    expect(isOwn(origin), origin).toBe(false);
});

test("belongs to pages of the console's own origin, without a setting", () => {
  const cookies = createSessionCookies({ mode: "production", console: "on", publicOrigin: "https://weft.example.com", cookieOrigins: [] });
  const headers = { host: "weft.example.com", origin: "https://weft.example.com" };
  expect([cookies.isOwnPage(headers), cookies.isOwnRequest(headers)]).toEqual([true, false]);
  expect(cookies.isOwnRequest({ ...headers, "apollo-require-preflight": "1" })).toBe(true);
  expect(cookies.isOwnPage({ host: "weft.example.com" })).toBe(false);
});

test("are not enabled unless there are origins or the console", () => {
  expect(createSessionCookies({ mode: "demo", console: "on", cookieOrigins: [] }).isEnabled).toBe(true);
  expect(createSessionCookies({ mode: "production", console: "on", cookieOrigins: [] }).isEnabled).toBe(false);
  expect(createSessionCookies({ mode: "demo", console: "off", cookieOrigins: [] }).isEnabled).toBe(false);
  expect(createSessionCookies({ mode: "demo", console: "off", cookieOrigins: ["http://localhost:3000"] }).isEnabled).toBe(true);
});
