import { createWeftClient, memoryStore, type WeftClient } from "@weft/client";
import { sharedWeft, until, type SharedWeft, type TestUser } from "@weft/testkit";
import { newBeacon } from "@weft/testkit/tenants/beacon";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createLiveQuery, type LiveQuery, type LiveQueryState } from "./live-query.js";

const query = "query Beacon($id: ID!) { liveCursor workflowInstance(id: $id) { version } }";
const subscription =
  "subscription Flashed($id: ID!, $after: String) { workflowTransitioned(instanceId: $id, after: $after) { cursor version } }";

interface Loaded {
  readonly workflowInstance: { readonly version: number } | null;
}

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

interface Following {
  readonly client: WeftClient;
  readonly live: LiveQuery<Loaded>;
  readonly user: TestUser;
  readonly flash: () => Promise<void>;
  /** Each state that was shown. */
  readonly states: LiveQueryState<Loaded>[];
  readonly stop: () => void;
  /** Loads so far, and the most at the same time. */
  readonly loads: { count: number; most: number };
  /** Until it is resolved, answers to loads wait. */
  readonly hold: (gate: Promise<void> | null) => void;
  readonly break: (isBroken: boolean) => void;
}

async function follow(text = query): Promise<Following> {
  const { instanceId: id, user, flash } = await newBeacon(await weft.tenant());
  const loads = { count: 0, most: 0 };
  let [now, gate, isBroken] = [0, null as Promise<void> | null, false];
  const client = createWeftClient({
    url: weft.url,
    store: memoryStore(),
    retryForMs: 0,
    fetch: async (url, init) => {
      if ((init.body as string | undefined)?.includes("query Beacon") !== true) return fetch(url, init);
      if (isBroken) throw new TypeError("The network is away.");
      loads.count += 1;
      loads.most = Math.max(loads.most, ++now);
      try {
        await gate;
        return await fetch(url, init);
      } finally {
        now -= 1;
      }
    },
  });
  await client.session.logIn({ login: user.login, password: user.password });
  const live = createLiveQuery<Loaded>({
    client,
    query: text,
    variables: { id },
    follow: () => [{ subscription, variables: { id }, concerns: () => true }],
    previous: null,
  });
  const states: LiveQueryState<Loaded>[] = [];
  const stop = live.subscribe(() => states.push(live.state()));
  onTestFinished(() => {
    stop();
    client.close();
  });
  const hold = (next: Promise<void> | null): void => void (gate = next);
  return { client, live, user, flash, states, stop, loads, hold, break: (next) => void (isBroken = next) };
}

const untilLive = ({ live }: Following): Promise<unknown> => until(() => live.state().status === "live", { what: "it is live" });
const untilVersion = ({ live }: Following, version: number): Promise<unknown> =>
  until(() => live.state().data?.workflowInstance?.version === version, { what: `version ${version} is shown` });

describe("a live query", () => {
  test("loads, follows, and keeps the old data while it loads again", async () => {
    const following = await follow();
    expect(following.live.state()).toMatchObject({ data: null, status: "behind", isLoading: true });
    await untilLive(following);
    await following.flash();
    await untilVersion(following, 2);
    const loadedOnce = following.states.findIndex(({ data }) => data !== null);
    expect(following.states.slice(loadedOnce).every(({ data }) => data !== null)).toBe(true);
  });

  test("loads at most once at a time, and once more for all that happens meanwhile", async () => {
    const following = await follow();
    await untilLive(following);
    const gate = Promise.withResolvers<void>();
    following.hold(gate.promise);
    await following.flash();
    await until(() => following.loads.count === 2, { what: "it loads again" });
    for (let time = 0; time < 5; time++) await following.flash();
    gate.resolve();
    await untilVersion(following, 7);
    expect(following.loads.most).toBe(1);
    expect(following.loads.count).toBeLessThanOrEqual(5);
  });

  test("what could not be loaded is loaded again, and the status says that the data is behind", async () => {
    const following = await follow();
    await untilLive(following);
    following.break(true);
    await following.flash();
    await until(() => following.live.state().error !== null, { what: "the load fails" });
    expect(following.live.state()).toMatchObject({ data: { workflowInstance: { version: 1 } }, status: "behind" });
    following.break(false);
    await untilVersion(following, 2);
    expect(following.live.state()).toMatchObject({ error: null, status: "live" });
  });

  test("reload resolves with data that is at least as new as the call, also while another load is under way", async () => {
    const following = await follow();
    await untilLive(following);
    const gate = Promise.withResolvers<void>();
    following.hold(gate.promise);
    const first = following.live.reload();
    await following.flash();
    const second = following.live.reload();
    gate.resolve();
    await first;
    expect((await second)?.workflowInstance?.version).toBe(2);
  });

  test("forgets its data at a logout, and loads again for the next user", async () => {
    const following = await follow();
    await untilLive(following);
    await following.client.session.logOut();
    expect(following.live.state()).toEqual({ data: null, error: null, status: "signedOut", isLoading: false });
    await following.client.session.logIn({ login: following.user.login, password: following.user.password });
    expect(following.live.state()).toMatchObject({ data: null, status: "behind" });
    await untilLive(following);
  });

  test("an answer for the user before does not arrive at the next one", async () => {
    const following = await follow();
    await untilLive(following);
    const gate = Promise.withResolvers<void>();
    following.hold(gate.promise);
    const reloaded = following.live.reload();
    await following.client.session.logOut();
    gate.resolve();
    expect(await reloaded).toBe(null);
    expect(following.live.state().data).toBe(null);
  });

  test("begins once if its listener leaves and comes back at once, as in StrictMode, and ends when it stays away", async () => {
    const following = await follow();
    await untilLive(following);
    following.stop();
    const stop = following.live.subscribe(() => {});
    await following.flash();
    await untilVersion(following, 2);
    expect(following.loads.count).toBe(2);
    stop();
    await new Promise((resolve) => setTimeout(resolve));
    await following.flash();
    expect(await following.live.reload()).toMatchObject({ workflowInstance: { version: 2 } });
    expect(following.loads.count).toBe(2);
  });

  test("a query without liveCursor is a mistake", async () => {
    const following = await follow("query Beacon($id: ID!) { workflowInstance(id: $id) { version } }");
    await until(() => following.live.fault() !== null, { what: "it is found" });
    expect(following.live.fault()?.message).toContain("liveCursor");
  });

  test("an object that the user cannot see is an error without data", async () => {
    const following = await follow("query Beacon($id: ID!) { liveCursor workflowInstance(id: $id) { version } task(id: $id) { id } }");
    await until(() => following.live.state().error !== null, { what: "it fails" });
    expect(following.live.state().error?.code).toBe("BAD_USER_INPUT");
  });
});
