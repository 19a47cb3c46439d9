import { setTimeout as delay } from "node:timers/promises";
import { sharedWeft, type SharedWeft, until } from "@weft/testkit";
import { startTcpProxy, type TcpProxy } from "@weft/testkit/network/tcp-proxy";
import { beaconTransitions, newBeacon, type Beacon, type BeaconTransitioned } from "@weft/testkit/tenants/beacon";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  createWeftClient,
  UnauthenticatedError,
  type LiveStatus,
  type WeftClient,
  type WeftClientOptions,
  type WeftError,
} from "../index.js";

const withoutCursor = "subscription Transitions($instanceId: ID!) { workflowTransitioned(instanceId: $instanceId) { version } }";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const aBeacon = async (): Promise<Beacon> => newBeacon(await weft.tenant());

interface Following {
  readonly client: WeftClient;
  readonly proxy: TcpProxy;
  readonly versions: number[];
  readonly statuses: LiveStatus[];
  readonly errors: WeftError[];
  readonly gaps: () => number;
  readonly stop: () => void;
  readonly untilStatus: (status: LiveStatus) => Promise<void>;
  readonly untilVersion: (version: number) => Promise<void>;
}

/** Follows the instance, over a network of its own, and waits until the subscription is live. */
async function follow(
  { instanceId, user }: Beacon,
  { text = beaconTransitions, gap = false, ...options }: Partial<WeftClientOptions> & { text?: string; gap?: boolean } = {},
): Promise<Following> {
  const proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  const client = createWeftClient({ url: `http://127.0.0.1:${proxy.port}`, ...options });
  onTestFinished(async () => {
    client.close();
    await proxy.close();
  });
  if (options.apiKey === undefined && options.store === undefined)
    await client.session.logIn({ login: user.login, password: user.password });
  const versions: number[] = [];
  const statuses: LiveStatus[] = [];
  const errors: WeftError[] = [];
  let gaps = 0;
  const stop = client.subscribe<BeaconTransitioned>(
    text,
    { instanceId },
    {
      next: ({ workflowTransitioned }) => versions.push(workflowTransitioned.version),
      status: (status) => statuses.push(status),
      error: (error) => errors.push(error),
      gap: gap ? () => gaps++ : undefined,
    },
  );
  const untilStatus = async (status: LiveStatus): Promise<void> =>
    void (await until(() => statuses.at(-1) === status, { what: `the subscription is ${status}` }));
  const untilVersion = async (version: number): Promise<void> =>
    void (await until(() => versions.at(-1) === version, { what: `version ${version} has come` }));
  await untilStatus("live");
  return { client, proxy, versions, statuses, errors, gaps: () => gaps, stop, untilStatus, untilVersion };
}

describe.each(["websocket", "sse"] as const)("a subscription over %s", (transport) => {
  test("is behind, then live, and gets each event once and in order", async () => {
    const one = await aBeacon();
    const { versions, statuses, untilVersion } = await follow(one, { transport });
    await one.flash(3);
    await untilVersion(4);
    expect([versions, statuses]).toEqual([
      [2, 3, 4],
      ["behind", "live"],
    ]);
  });

  test("resumes after its connection was cut, also before its first event", async () => {
    const one = await aBeacon();
    const { proxy, versions, statuses, untilStatus, untilVersion } = await follow(one, { transport });
    proxy.cut();
    await untilStatus("behind");
    await one.flash(2);
    proxy.heal();
    await untilVersion(3);
    await untilStatus("live");
    await one.flash();
    await untilVersion(4);
    expect([versions, statuses]).toEqual([
      [2, 3, 4],
      ["behind", "live", "behind", "live"],
    ]);
  });

  test("continues with a new token when the user's rights change", async () => {
    const one = await aBeacon();
    const { versions, errors, untilVersion } = await follow(one, { transport });
    const { roles } = await one.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
      "{ roles(first: 100) { edges { node { id key } } } }",
    );
    const roleIds = roles.edges.filter(({ node }) => ["workflow_manager", "operations"].includes(node.key)).map(({ node }) => node.id);
    await one.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: one.user.id, roleIds },
    });
    await one.flash(2);
    await untilVersion(3);
    expect([versions, errors]).toEqual([[2, 3], []]);
  });

  test("of an object that the user cannot see ends at once with NOT_FOUND", async () => {
    const [one, other] = [await aBeacon(), await aBeacon()];
    const client = createWeftClient({ url: weft.url, apiKey: one.user.token, transport });
    onTestFinished(() => client.close());
    const ended = Promise.withResolvers<WeftError>();
    client.subscribe(beaconTransitions, { instanceId: other.instanceId }, { next: () => {}, error: ended.resolve });
    expect((await ended.promise).code).toBe("NOT_FOUND");
  });

  test("ends as signed out when the session is revoked", async () => {
    const one = await aBeacon();
    const { client, errors, untilStatus } = await follow(one, { transport });
    await one.user.run("mutation { revokeOtherSessions { endedCount } }");
    await untilStatus("signedOut");
    expect(errors).toEqual([expect.any(UnauthenticatedError)]);
    expect(client.session.state).toEqual({ status: "signedOut", reason: "revoked" });
  });
});

describe("a subscription", () => {
  test("starts after the cursor of the data, so that nothing falls between the two", async () => {
    const one = await aBeacon();
    const client = createWeftClient({ url: weft.url, apiKey: one.user.token });
    onTestFinished(() => client.close());
    const { liveCursor } = await client.query<{ liveCursor: string }>("{ liveCursor }");
    await one.flash(2);
    const versions: number[] = [];
    const events = client.events<BeaconTransitioned>(beaconTransitions, { instanceId: one.instanceId, after: liveCursor });
    for await (const { workflowTransitioned } of events) if (versions.push(workflowTransitioned.version) === 2) break;
    expect(versions).toEqual([2, 3]);
  });

  test("that cannot resume tells of the gap once it follows again", async () => {
    const one = await aBeacon();
    const { proxy, versions, gaps, untilStatus, untilVersion } = await follow(one, { text: withoutCursor, gap: true });
    expect(gaps()).toBe(0);
    proxy.cut();
    await untilStatus("behind");
    await one.flash();
    proxy.heal();
    await untilStatus("live");
    expect(gaps()).toBe(1);
    await one.flash();
    await untilVersion(3);
    expect(versions).toEqual([3]);
  });

  test("that can neither resume nor tell of gaps is refused at once", async () => {
    const client = createWeftClient({ url: weft.url, apiKey: "x" });
    onTestFinished(() => client.close());
    const observer = { next: () => {}, error: () => {} };
    expect(() => client.subscribe(withoutCursor, { instanceId: "wfi_1" }, observer)).toThrow("Declare the variable `$after: String`");
  });

  test("goes on when its observer throws, which others see", async () => {
    const one = await aBeacon();
    const { client, versions, untilVersion } = await follow(one);
    const thrown: unknown[] = [];
    const catchIt = (error: unknown): void => void thrown.push(error);
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", catchIt);
    onTestFinished(() => {
      process.removeListener("uncaughtException", catchIt);
      for (const listener of before) process.on("uncaughtException", listener);
    });
    const explode = (): never => {
      throw new Error("The page is broken.");
    };
    client.subscribe(beaconTransitions, { instanceId: one.instanceId }, { next: explode, status: explode, error: explode });
    await one.flash();
    await one.flash();
    await untilVersion(3);
    await until(() => thrown.length > 1, { what: "the errors are seen" });
    expect(versions).toEqual([2, 3]);
  });

  test("ends when the client is closed, also while it connects, and none begins after that", async () => {
    const client = createWeftClient({ url: "http://127.0.0.1:9", apiKey: "x" });
    const events = client.events(beaconTransitions, { instanceId: "wfi_1" });
    const ended = events.next();
    await delay(50);
    client.close();
    expect(await ended).toEqual({ done: true, value: undefined });
    expect(() => client.subscribe(beaconTransitions, {}, { next: () => {}, error: () => {} })).toThrow("closed");
  });

  test("ends with a logout, also in the other tabs, and does not go on for the next user", async () => {
    const one = await aBeacon();
    const { client, versions, errors } = await follow(one);
    await client.session.logOut();
    expect(errors).toEqual([expect.any(UnauthenticatedError)]);
    expect(client.session.state).toEqual({ status: "signedOut", reason: "loggedOut" });
    await client.session.logIn({ login: one.admin.login, password: one.admin.password });
    await one.flash();
    await delay(300);
    expect(versions).toEqual([]);
  });

  test("stops at once when the application ends it", async () => {
    const one = await aBeacon();
    const { stop, versions, errors } = await follow(one);
    await one.flash();
    stop();
    const seen = [...versions];
    await one.flash();
    await delay(300);
    expect([versions, errors]).toEqual([seen, []]);
  });
});

let network: "open" | "blocked" | "silent";
let sockets: WebSocket[];
beforeEach(() => {
  network = "blocked";
  sockets = [];
});

/** A WebSocket behind a proxy that lets none through, or opens them and keeps what is sent. */
class BlockedSocket extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    super(network === "blocked" ? "ws://127.0.0.1:9" : url, protocols);
    sockets.push(this);
  }

  override send(data: string): void {
    if (network !== "silent") super.send(data);
  }
}

describe("where no WebSocket can be opened, a subscription", () => {
  test("follows over HTTP", async () => {
    const one = await aBeacon();
    const { versions, errors, untilVersion } = await follow(one, { webSocket: BlockedSocket });
    await one.flash();
    await untilVersion(2);
    expect([versions, errors]).toEqual([[2], []]);
  });

  test("changes to a WebSocket as soon as one can be opened, and misses no event", async () => {
    const one = await aBeacon();
    const { versions, errors, statuses, untilVersion } = await follow(one, { webSocket: BlockedSocket, retryWebSocketAfterMs: 50 });
    await one.flash();
    await untilVersion(2);
    network = "open";
    let version = 2;
    // Events go on while the transport changes.
    while (statuses.length < 4) await one.flash().then(() => version++);
    await one.flash(2);
    await untilVersion(version + 2);
    expect(versions).toEqual(Array.from({ length: version + 1 }, (_, index) => index + 2));
    expect([statuses, errors]).toEqual([["behind", "live", "behind", "live"], []]);
    expect(sockets.filter(({ readyState }) => readyState === WebSocket.OPEN)).toHaveLength(1);
  });

  test.each(["blocked", "silent"] as const)("is not disturbed by attempts whose sockets are %s", async (state) => {
    const one = await aBeacon();
    const { versions, statuses, untilVersion } = await follow(one, { webSocket: BlockedSocket, retryWebSocketAfterMs: 10 });
    network = state;
    const before = sockets.length;
    await until(() => sockets.length > before, { what: "a WebSocket is tried" });
    const last = sockets.at(-1);
    await until(() => last?.readyState !== WebSocket.CONNECTING, { what: "it was opened or refused" });
    await one.flash();
    await untilVersion(2);
    expect([versions, statuses]).toEqual([[2], ["behind", "live"]]);
  });
});

test("a subscription over WebSocket continues over HTTP when sockets no longer get through", { tags: "slow" }, async () => {
  network = "open";
  const one = await aBeacon();
  const { proxy, versions, errors, untilStatus, untilVersion } = await follow(one, { webSocket: BlockedSocket });
  expect(sockets).toHaveLength(1);
  network = "blocked";
  proxy.cut();
  await untilStatus("behind");
  await one.flash();
  proxy.heal();
  await untilVersion(2);
  await untilStatus("live");
  await one.flash();
  await untilVersion(3);
  expect([versions, errors]).toEqual([[2, 3], []]);
  expect(sockets.filter(({ readyState }) => readyState === WebSocket.OPEN)).toEqual([]);
});
