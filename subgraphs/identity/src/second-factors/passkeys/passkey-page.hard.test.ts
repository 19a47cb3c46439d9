import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { pendingLogin, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { openBrowser, type TestAuthenticator, type TestBrowser, type TestPage } from "@weft/testkit/browser/open-browser";
import { type PageServer, servePage } from "@weft/testkit/browser/serve-page";
import { blocksOf } from "@weft/testkit/guides/page-blocks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The code of the guide in Chromium, with its virtual authenticator. The tests are steps: each continues on the page of the one before.

const guide = "docs/how-to/second-factors.md";
const code = blocksOf(guide).find(({ mark }) => mark?.text.endsWith("/passkey-page.hard.test.ts"))?.text ?? "";

/** What the guide expects of the application. */
const application = `
let url, accessToken;
async function graphql(query, variables) {
  const headers = { "content-type": "application/json", ...(accessToken && { authorization: "Bearer " + accessToken }) };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors.map(({ message, extensions }) => extensions.code + " " + message).join());
  return data;
}
`;

let pages: PageServer;
let weft: TestWeft;
let acme: TestTenant;
let browser: TestBrowser;
let user: TestUser;
let tab: TestPage;
let authenticator: TestAuthenticator;
/** The page of asset labels, which can use the passkeys, too. */
let labels: string;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

beforeAll(async () => {
  pages = await servePage({ "/": `<!doctype html><title>App</title><script>${application}${code}</script>` });
  const origin = pages.url.replace("127.0.0.1", "localhost");
  const port = await freePort();
  labels = `http://localhost:${port}/asset`;
  const origins = `${origin},http://localhost:${port}`;
  weft = await startTestWeft({ settings: { PORT: `${port}`, WEFT_PASSKEY_DOMAIN: "localhost", WEFT_PASSKEY_ORIGINS: origins } });
  acme = await weft.tenant();
  user = await acme.user("admin");
  browser = await openBrowser();
  tab = await browser.page();
  authenticator = await tab.addAuthenticator();
  await tab.goto(origin);
  await tab.evaluate(`url = ${JSON.stringify(`${weft.url}/graphql`)}, accessToken = ${JSON.stringify(user.token)}`);
});
afterAll(async () => {
  await browser?.close();
  await weft?.stop();
  await pages?.close();
});

/** Returns the value of a call, or its error as a text. */
const call = <T>(expression: string): Promise<T | string> => tab.evaluate(`${expression}.catch((error) => String(error))`);

test("a user who is logged in creates a passkey, once per authenticator", async () => {
  const made = await call<{ passkey: { name: string }; recoveryCodes: string[] }>('addPasskey("This computer")');
  expect(made).toMatchObject({ passkey: { name: "This computer" } });
  expect((made as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(10);
  expect(await call('addPasskey("Again")')).toContain("BAD_USER_INPUT");
  expect(await call('ownPasskey().then((passkey) => addPasskey("Again", { passkey }))')).toContain("InvalidStateError");
  expect(await user.run("{ secondFactors { methods passkeys { name } } }")).toEqual({
    secondFactors: { methods: ["PASSKEY", "RECOVERY_CODE"], passkeys: [{ name: "This computer" }] },
  });
});

test("the user logs in with nothing but the passkey", async () => {
  await tab.evaluate("accessToken = undefined");
  expect(await call("logInWithPasskey()")).toMatchObject({ accessToken: expect.any(String) as string, user: { id: user.id } });
  expect(
    await call("logInWithPasskey().then((session) => { accessToken = session.accessToken; return graphql('{ me { id } }'); })"),
  ).toEqual({
    me: { id: user.id },
  });
});

test("the passkey completes a login whose password was right", async () => {
  const mfaToken = await pendingLogin(user);
  expect(await call(`completeLoginWithPasskey(${JSON.stringify(mfaToken)})`)).toMatchObject({ user: { id: user.id } });
  expect(await call(`completeLoginWithPasskey(${JSON.stringify(mfaToken)})`)).toContain("UNAUTHENTICATED");
});

test("the passkey proves again who the user is", async () => {
  expect(await call("reauthenticateWithPasskey().then(() => 'done')")).toBe("done");
});

test("an authenticator that cannot verify the user gives nothing", async () => {
  await authenticator.setVerified(false);
  expect(await call("logInWithPasskey()")).toContain("NotAllowedError");
  await authenticator.setVerified(true);
  expect(await call("logInWithPasskey()")).toMatchObject({ user: { id: user.id } });
});

test("a page of another host gets nothing from the browser", async () => {
  await tab.goto(pages.url);
  await tab.evaluate(`url = ${JSON.stringify(`${weft.url}/graphql`)}`);
  expect(await call("logInWithPasskey()")).toContain("SecurityError");
  expect(tab.externalRequests).toEqual([]);
});

describe("the page of asset labels", () => {
  const opens = async (login: string, password: string) => {
    await tab.goto("about:blank");
    await tab.goto(`${labels}#tenant=${acme.slug}&tag=NONE`);
    const given = JSON.stringify({ login, password });
    await tab.evaluate(`for (const [name, value] of Object.entries(${given})) document.forms[0].elements[name].value = value`);
    await press("button");
  };
  const press = (selector: string) => tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  /** Returns what the page says once the server has answered. */
  const said = async () => {
    await tab.until('document.querySelector("output").textContent !== ""');
    return tab.text("output");
  };

  test("asks users who have only passkeys for one, and logs in with it", async () => {
    await opens(user.login, user.password);
    expect(await said()).toBe("Now use your passkey, or enter a recovery code.");
    await press("button[name=passkey]");
    expect(await said()).toBe("You cannot see an asset with this tag.");
  });

  test("lets users with a temporary password choose their own", async () => {
    const temporary = "temporary 8 river";
    await acme.admin.run(
      'mutation ($patch: JSON!) { updateConfiguration(input: { patch: $patch, message: "A test" }) { configuration { version } } }',
      { patch: { security: { temporaryPasswords: true } } },
    );
    const newcomer = { email: "newcomer@labels.example", name: "Newcomer", password: temporary };
    await acme.admin.run("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", { input: newcomer });
    await opens(newcomer.email, temporary);
    await tab.until('location.pathname === "/reset-password" && document.forms[0]?.hidden === false');
    await tab.evaluate('document.forms[0].elements.password.value = "a quiet river 77"');
    await press("button");
    expect(await said()).toBe(`Your password is changed, and all sessions are ended. Your organization is ${acme.slug}.`);
  });
});
