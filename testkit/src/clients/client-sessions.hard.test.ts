import { findFreePort } from "@weft/standalone/postgres/free-port";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, type TestBrowser, type TestPage } from "../browser/open-browser.js";
import { type PageServer, servePage } from "../browser/serve-page.js";
import { enrolTotp, totpCode } from "../second-factor.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { beaconTransitions, newBeacon } from "../tenants/beacon.js";
import { newActiveProvider } from "../tenants/new-identity-provider.js";
import { bundleForBrowser, clientEntry } from "./bundle-client.js";

// The ways to open a session with @weft/client, and to keep it, in a real browser.

const files: Record<string, string> = {};
let pages: PageServer;
let weft: TestWeft;
let acme: TestTenant;
let browser: TestBrowser;
beforeAll(async () => {
  pages = await servePage(files);
  // Passkeys belong to a domain, which an address is not.
  const localhost = pages.url.replace("127.0.0.1", "localhost");
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  weft = await startTestWeft({
    settings: {
      PORT: `${port}`,
      WEFT_PUBLIC_URL: url,
      WEFT_COOKIE_ORIGINS: pages.url,
      WEFT_PASSKEY_DOMAIN: "localhost",
      WEFT_PASSKEY_ORIGINS: localhost,
    },
  });
  acme = await weft.tenant();
  const script = `
    import { askForPasskey, createPasskey, createWeftClient, singleSignOnGrant, startSingleSignOn } from ${JSON.stringify(clientEntry)};
    const session = new URLSearchParams(location.search).get("session") ?? "tokens";
    window.renewals = 0;
    const weft = createWeftClient({
      url: ${JSON.stringify(url)},
      session,
      fetch: (to, init) => {
        if (String(to).endsWith("/session/refresh")) window.renewals++;
        return fetch(to, init);
      },
    });
    Object.assign(window, { askForPasskey, createPasskey, singleSignOnGrant, startSingleSignOn, weft });
    window.me = () => weft.query("{ me { id name } }").then(({ me }) => me, ({ code }) => code);
  `;
  files["/"] = '<!doctype html><title>Page</title><script type="module" src="/page.js"></script>';
  files["/page.js"] = await bundleForBrowser(script, { minify: false });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await weft?.stop();
  await pages?.close();
});

const text = (value: unknown): string => JSON.stringify(value);

async function open(page: TestPage, url: string): Promise<TestPage> {
  await page.goto(url);
  await page.until("window.weft !== undefined", "the page is loaded");
  return page;
}

const loggedIn = async (page: TestPage, { login, password }: TestUser): Promise<void> =>
  page.evaluate(`weft.session.logIn(${text({ login, password })})`);

/** The access of the page has expired: its token is valid for 15 minutes. */
const expire = "void (Date.now = ((now) => () => now() + 960_000)(Date.now))";

describe("with cookies", () => {
  const url = (): string => `${pages.url}/?session=cookies`;

  test("a session works, is renewed, and outlives the page, and no script can read its tokens", async () => {
    const user = await acme.user("operations");
    const page = await open(await browser.page(), url());
    await loggedIn(page, user);
    const me = expect.objectContaining({ id: user.id }) as object;
    expect(await page.evaluate("me()")).toEqual(me);
    expect(await page.evaluate("document.cookie")).toBe("");
    const stored = await page.evaluate<string>("[...Object.values(localStorage), ...Object.values(sessionStorage)].join()");
    expect(stored).toContain("accessTokenExpiresAt");
    expect(stored).not.toMatch(/eyJ|"accessToken"|"refreshToken"/);
    await page.evaluate(expire);
    expect(await page.evaluate("me()")).toEqual(me);
    expect(await page.evaluate("renewals")).toBe(1);
    await page.reload();
    await page.until("window.weft !== undefined");
    expect(await page.evaluate("weft.session.state.status")).toBe("signedIn");
    expect(await page.evaluate("me()")).toEqual(me);
    expect([page.consoleErrors, page.externalRequests]).toEqual([[], []]);
  });

  test("events come over a socket of the session, and a logout ends both", async () => {
    const { user, instanceId, flash } = await newBeacon(acme);
    const page = await open(await browser.page(), url());
    await loggedIn(page, user);
    await page.evaluate(`void Object.assign(window, { statuses: [], events: 0, failed: [] })`);
    await page.evaluate(`void weft.subscribe(${text(beaconTransitions)}, ${text({ instanceId })}, {
      next: () => events++, status: (status) => statuses.push(status), error: ({ name }) => failed.push(name) })`);
    await page.until('statuses.at(-1) === "live"', "it is live");
    await flash();
    await page.until("events === 1", "the event has come");
    await page.evaluate("weft.session.logOut()");
    await page.until('statuses.at(-1) === "signedOut"', "it is signed out");
    expect(await page.evaluate("failed")).toEqual(["UnauthenticatedError"]);
    await page.reload();
    await page.until("window.weft !== undefined");
    expect(await page.evaluate("weft.session.state")).toEqual({ status: "signedOut", reason: "loggedOut" });
    expect(await page.evaluate("me()")).toBe("UNAUTHENTICATED");
  });

  test("a second factor completes the login", async () => {
    const user = await acme.user("operations");
    const { recoveryCodes } = await enrolTotp(user);
    const page = await open(await browser.page(), url());
    const mfaToken = await page.evaluate<string>(
      `weft.session.logIn(${text({ login: user.login, password: user.password })}).catch(({ mfaToken }) => mfaToken)`,
    );
    expect(await page.evaluate("me()")).toBe("UNAUTHENTICATED");
    await page.evaluate(`weft.session.completeLogin(${text({ mfaToken, recoveryCode: recoveryCodes[0] })})`);
    expect(await page.evaluate("me()")).toMatchObject({ id: user.id });
  });
});

test("an authenticator app completes a login, and a wrong code does not", async () => {
  const user = await acme.user("operations");
  const { secret } = await enrolTotp(user);
  const page = await open(await browser.page(), pages.url);
  const mfaToken = await page.evaluate<string>(
    `weft.session.logIn(${text({ login: user.login, password: user.password })}).catch(({ mfaToken }) => mfaToken)`,
  );
  const complete = (code: string): Promise<string> =>
    page.evaluate(`weft.session.completeLogin(${text({ mfaToken, code })}).then(() => "in", ({ code }) => code)`);
  const later = Date.now() + 30_000;
  const wrong = String((Number(totpCode(secret, later)) + 1) % 1_000_000).padStart(6, "0");
  expect(await complete(wrong)).toBe("BAD_USER_INPUT");
  // The code of this half minute has been used for the enrolment. That of the next one is accepted already.
  expect(await complete(totpCode(secret, later))).toBe("in");
  expect(await page.evaluate("me()")).toMatchObject({ id: user.id });
});

test("a passkey is created, opens a session alone, and completes a login", async () => {
  const user = await acme.user("operations");
  const page = await browser.page();
  await page.addAuthenticator();
  await open(page, pages.url.replace("127.0.0.1", "localhost"));
  await loggedIn(page, user);
  await page.evaluate(`(async () => {
    const { startPasskeyRegistration } = await weft.mutate("mutation { startPasskeyRegistration { options } }");
    const response = await createPasskey(startPasskeyRegistration.options);
    await weft.mutate("mutation ($input: RegisterPasskeyInput!) { registerPasskey(input: $input) { passkey { id } } }", { input: { response, name: "This one" } });
    await weft.session.logOut();
  })()`);
  expect(await page.evaluate("me()")).toBe("UNAUTHENTICATED");
  const start = "mutation ($input: StartPasskeyLoginInput!) { startPasskeyLogin(input: $input) { options } }";
  const asked = (input: string): string =>
    `weft.mutate(${text(start)}, { input: ${input} }).then(({ startPasskeyLogin }) => askForPasskey(startPasskeyLogin.options))`;
  await page.evaluate(`${asked("{}")}.then((passkey) => weft.session.logIn({ passkey }))`);
  expect(await page.evaluate("me()")).toMatchObject({ id: user.id });
  await page.evaluate("weft.session.logOut()");
  await page.evaluate(`weft.session.logIn(${text({ login: user.login, password: user.password })}).catch(({ mfaToken }) =>
    ${asked("{ mfaToken }")}.then((passkey) => weft.session.completeLogin({ mfaToken, passkey })))`);
  expect(await page.evaluate("me()")).toMatchObject({ id: user.id });
});

test.each(["tokens", "cookies"])(
  "an identity provider opens a session with %s, once, and a link to the page with an answer opens none",
  async (kind) => {
    const page = `${pages.url}/?session=${kind}`;
    const id = await newActiveProvider(acme.admin, [page]);
    const { identityProvider } = await acme.admin.run<{ identityProvider: { startUrl: string } }>(
      "query ($id: ID!) { identityProvider(id: $id) { startUrl } }",
      { id },
    );
    const tab = await open(await browser.page(), page);
    await tab.evaluate(`startSingleSignOn({ startUrl: ${text(identityProvider.startUrl)}, redirectUrl: ${text(page)} })`);
    await tab.until('location.search.includes("code=") && window.weft !== undefined', "the provider has returned");
    const answered = tab.url();
    await tab.evaluate("weft.session.logIn(singleSignOnGrant())");
    expect(await tab.evaluate("me()")).toMatchObject({ name: "Ada" });
    expect(await tab.evaluate("singleSignOnGrant()")).toBeNull();
    const other = await open(await browser.page(), answered);
    expect(await other.evaluate("singleSignOnGrant()")).toBeNull();
    expect(await other.evaluate("me()")).toBe("UNAUTHENTICATED");
  },
);
