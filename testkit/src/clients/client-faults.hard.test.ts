import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, type TestBrowser, type TestPage } from "../browser/open-browser.js";
import { type PageServer, servePage } from "../browser/serve-page.js";
import { startTcpProxy, type TcpProxy } from "../network/tcp-proxy.js";
import { randomSource } from "../random-source.js";
import { sized } from "../sizes.js";
import type { TestUser } from "../test-user.js";
import { beaconTransitions, newBeacon } from "../tenants/beacon.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { bundleForBrowser, clientEntry } from "./bundle-client.js";

// @weft/client in a real browser: its storage, its locks between tabs, its sockets.

/** A page with a client, `weft`, and what it has seen. A frame of it is another tab to the client: it shares storage and locks. */
const script = (url: string): string => `
  import { createWeftClient } from ${JSON.stringify(clientEntry)};
  window.renewals = 0;
  window.weft = createWeftClient({
    url: ${JSON.stringify(url)},
    fetch: (to, init) => {
      if (String(init.body).includes("refreshSession")) window.renewals++;
      return fetch(to, init);
    },
  });
  Object.assign(window, { versions: [], statuses: [], errors: [] });
  window.follow = (instanceId) => weft.subscribe(${JSON.stringify(beaconTransitions)}, { instanceId }, {
    next: ({ workflowTransitioned }) => versions.push(workflowTransitioned.version),
    status: (status) => statuses.push(status),
    error: (error) => errors.push(error.name),
  });
`;

let weft: TestWeft;
let proxy: TcpProxy;
let pages: PageServer;
let browser: TestBrowser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  const page = '<!doctype html><title>Page</title><script type="module" src="/page.js"></script>';
  pages = await servePage({ "/": page, "/page.js": await bundleForBrowser(script(`http://127.0.0.1:${proxy.port}`), { minify: false }) });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await pages.close();
  await proxy.close();
  await weft.stop();
});

interface Scene {
  readonly page: TestPage;
  readonly user: TestUser;
  readonly flash: () => Promise<void>;
  readonly untilStatus: (status: string) => Promise<void>;
  readonly untilVersion: (version: number) => Promise<void>;
}

/** A page whose user follows an instance. */
async function aScene(): Promise<Scene> {
  const { instanceId, user, flash } = await newBeacon(await weft.tenant());
  const page = await browser.page();
  await page.goto(`${pages.url}/`);
  await page.until("window.weft !== undefined");
  await page.evaluate(`weft.session.logIn(${JSON.stringify({ login: user.login, password: user.password })})`);
  await page.evaluate(`void (window.stop = follow(${JSON.stringify(instanceId)}))`);
  const scene: Scene = {
    page,
    user,
    flash,
    untilStatus: (status) => page.until(`statuses.at(-1) === ${JSON.stringify(status)}`, `it is ${status}`),
    untilVersion: (version) => page.until(`versions.at(-1) === ${version}`, `version ${version} has come`),
  };
  await scene.untilStatus("live");
  return scene;
}

const key = 'Object.keys(localStorage).find((name) => name.startsWith("weft:session"))';
const expire = `localStorage.setItem(${key}, JSON.stringify({ session: { ...JSON.parse(localStorage.getItem(${key})).session, renewAt: 0 } }))`;
const openTab = `new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.src = "/";
  document.body.append(frame);
  const look = () => (frame.contentWindow.weft ? resolve((window.tab = frame.contentWindow)) : setTimeout(look, 10));
  look();
}).then(() => undefined)`;

describe("in a browser", () => {
  test("of two tabs that need a new token at the same time, one renews it, and both go on", async () => {
    const { page, user } = await aScene();
    await page.evaluate(openTab);
    // Their tokens, which are valid for 15 minutes, have expired.
    await page.evaluate("void [window, tab].forEach((one) => { const { now } = one.Date; one.Date.now = () => now() + 960_000; })");
    const asked = await page.evaluate<string[]>(
      `Promise.all([weft, tab.weft, weft, tab.weft].map((one) => one.query("{ me { id } }"))).then((all) => all.map(({ me }) => me.id))`,
    );
    expect(new Set(asked)).toEqual(new Set([user.id]));
    expect(await page.evaluate("renewals + tab.renewals")).toBe(1);
  });

  test("a logout in one tab signs out the other, and ends what it follows", async () => {
    const { page } = await aScene();
    await page.evaluate(openTab);
    await page.evaluate("tab.weft.session.logOut()");
    await page.until('weft.session.state.status === "signedOut"', "the other tab is signed out");
    await page.until("errors.length > 0", "it no longer follows");
    expect(await page.evaluate("[errors, statuses.at(-1)]")).toEqual([["UnauthenticatedError"], "signedOut"]);
  });

  test("a session that was revoked is over, and says why", async () => {
    const { page, user } = await aScene();
    await user.run("mutation { revokeOtherSessions { endedCount } }");
    await page.until('weft.session.state.reason === "revoked"', "it knows that the session was revoked");
    expect(await page.evaluate("statuses.at(-1)")).toBe("signedOut");
  });

  test("after an hour of sleep with a dead socket, it wakes, renews its token, and catches up", async () => {
    const { page, flash, untilStatus, untilVersion } = await aScene();
    proxy.blackHole();
    await flash();
    await flash();
    await page.evaluate("void (Date.now = ((now) => () => now() + 3_600_000)(Date.now))");
    proxy.heal();
    proxy.cut();
    proxy.heal();
    await page.evaluate('void document.dispatchEvent(new Event("visibilitychange"))');
    await untilVersion(3);
    await untilStatus("live");
    expect(await page.evaluate("[renewals > 0, versions, errors]")).toEqual([true, [2, 3], []]);
  });

  test("a network that falls silent without a word is noticed, and nothing is lost", async () => {
    const { page, flash, untilStatus, untilVersion } = await aScene();
    proxy.blackHole();
    await flash();
    // The socket looks open. Only a ping that nobody answers tells.
    await page.evaluate('void dispatchEvent(new Event("online"))');
    await untilStatus("behind");
    proxy.cut();
    proxy.heal();
    await untilVersion(2);
    await untilStatus("live");
    expect(await page.evaluate("errors")).toEqual([]);
  });

  test(
    "random faults of the network: each event once and in order, and the state told",
    { timeout: sized({ part: 240_000, whole: 2_400_000 }) },
    async () => {
      const sequences = sized({ part: 10, whole: 100 });
      const seed = randomInt(2 ** 31);
      console.log(`seed ${seed}`);
      const random = randomSource(seed);
      const { page, flash, untilStatus, untilVersion } = await aScene();
      let version = 1;
      for (let sequence = 0; sequence < sequences; sequence++) {
        for (let step = 0; step < 4; step++) {
          if (random.chance(0.4)) proxy.cut();
          if (random.chance(0.3)) proxy.blackHole();
          if (random.chance(0.3)) proxy.delay(random.below(200));
          if (random.chance(0.2)) await page.evaluate(expire);
          for (let count = random.below(3); count >= 0; count--, version++) await flash();
          await delay(random.below(300));
          if (random.chance(0.7)) proxy.heal();
        }
        // What a black hole has swallowed does not come back, and nobody should wait for the next ping.
        proxy.cut();
        proxy.heal();
        await untilVersion(version);
        await untilStatus("live");
      }
      const seen = await page.evaluate<number[]>("versions");
      expect(seen, `seed ${seed}`).toEqual(Array.from({ length: version - 1 }, (_, index) => index + 2));
      const statuses = await page.evaluate<string[]>("statuses");
      expect(new Set(statuses)).toEqual(new Set(["behind", "live"]));
      expect(await page.evaluate("errors")).toEqual([]);
    },
  );
});
