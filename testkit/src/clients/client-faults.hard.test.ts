import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { decodeId } from "@weft/shared/ids";
import { ApiClient } from "@weft/standalone";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, type TestBrowser, type TestPage } from "../browser/open-browser.js";
import type { PageServer } from "../browser/serve-page.js";
import { startTcpProxy, type TcpProxy } from "../network/tcp-proxy.js";
import { randomSource } from "../random-source.js";
import { sized } from "../sizes.js";
import { newBeacon, type Beacon } from "../tenants/beacon.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { serveFollower } from "./follower-page.js";

// @weft/client in a real browser: its storage, its locks between tabs, its sockets.

let weft: TestWeft;
let proxy: TcpProxy;
let pages: PageServer;
let browser: TestBrowser;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  pages = await serveFollower(`http://127.0.0.1:${proxy.port}`);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await pages.close();
  await proxy.close();
  await owner.end();
  await weft.stop();
});

interface Scene extends Beacon {
  readonly page: TestPage;
  readonly untilStatus: (status: string) => Promise<void>;
  readonly untilVersion: (version: number) => Promise<void>;
}

/** A page whose user follows an instance. */
async function aScene(): Promise<Scene> {
  const beacon = await newBeacon(await weft.tenant());
  const { instanceId, user } = beacon;
  const page = await browser.page();
  await page.goto(`${pages.url}/`);
  await page.until("window.weft !== undefined");
  await page.evaluate(`weft.session.logIn(${JSON.stringify({ login: user.login, password: user.password })})`);
  await page.evaluate(`void (window.stop = follow(${JSON.stringify(instanceId)}))`);
  const scene: Scene = {
    ...beacon,
    page,
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

  test("a refresh token that somebody else uses again ends the session, and says why", async () => {
    const { page, user } = await aScene();
    const stolen = await page.evaluate<string>(`JSON.parse(localStorage.getItem(${key})).session.refreshToken`);
    // Its token, which is valid for 15 minutes, has expired.
    await page.evaluate("void (Date.now = ((now) => () => now() + 960_000)(Date.now))");
    await page.evaluate('weft.query("{ me { id } }").then(() => undefined)');
    expect(await page.evaluate("renewals")).toBe(1);
    // Until ten seconds after its use, a token could come from a tab that renews the session at the same time.
    await owner`update identity.refresh_tokens set used_at = used_at - interval '1 minute'
      where used_at is not null and session_id in (select id from identity.sessions where user_id = ${decodeId("user", user.id)})`;
    const { errors } = await new ApiClient(weft.url).send(
      "mutation ($refreshToken: String!) { refreshSession(input: { refreshToken: $refreshToken }) { accessToken } }",
      { refreshToken: stolen },
    );
    expect(errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
    await page.until('weft.session.state.reason === "revoked"', "it knows that the session is over");
    expect(await page.evaluate("[errors, statuses.at(-1)]")).toEqual([["UnauthenticatedError"], "signedOut"]);
  });

  test("without the right to see an instance, its user gets no event of it any more, and is told", async () => {
    const { page, user, admin, flash, untilVersion } = await aScene();
    await flash();
    await untilVersion(2);
    await admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: user.id, roleIds: [] },
    });
    await flash(1, admin);
    await page.until("errors.length > 0", "it no longer follows");
    expect(await page.evaluate("[versions, errors, weft.session.state.status]")).toEqual([[2], ["ForbiddenError"], "signedIn"]);
  });

  test("over a network of 2,000 bytes a second, events come late, once and in order", async () => {
    const { page, flash, untilStatus, untilVersion } = await aScene();
    proxy.throttle(2_000);
    await flash(20);
    await page.until("versions.length > 0", "some events have come");
    expect(await page.evaluate("versions.length"), "the others are on their way").toBeLessThan(20);
    proxy.heal();
    await untilVersion(21);
    await untilStatus("live");
    expect(await page.evaluate("[versions, errors]")).toEqual([Array.from({ length: 20 }, (_, index) => index + 2), []]);
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
      const { page, flash, instanceId, untilStatus, untilVersion } = await aScene();
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
      const logged = await owner<{ version: number }[]>`
        select l.subject_version as version from events.log l join events.positions p on p.tenant_id = l.tenant_id and p.event_id = l.id
         where l.subject_id = ${decodeId("instance", instanceId)} and l.type = 'workflow.transitioned' order by p.position`;
      expect(logged).toHaveLength(version - 1);
      expect(await page.evaluate("versions"), `seed ${seed}: the events of the log`).toEqual(logged.map((one) => one.version));
      const statuses = await page.evaluate<string[]>("statuses");
      expect(new Set(statuses)).toEqual(new Set(["behind", "live"]));
      expect(await page.evaluate("errors")).toEqual([]);
    },
  );
});
