import { sharedWeft, until, type SharedWeft } from "@weft/testkit";
import { startTcpProxy, type TcpProxy } from "@weft/testkit/network/tcp-proxy";
import { beaconTransitions, newBeacon, type Beacon, type BeaconTransitioned } from "@weft/testkit/tenants/beacon";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  createWeftClient,
  UnauthenticatedError,
  type LiveStatus,
  type WeftClient,
  type WeftClientOptions,
  type WeftError,
} from "../index.js";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const aBeacon = async (): Promise<Beacon> => newBeacon(await weft.tenant());

/** A WebSocket that no proxy lets through. */
class BlockedSocket extends WebSocket {
  constructor(_url: string, protocols?: string | string[]) {
    super("ws://127.0.0.1:9", protocols);
  }
}

interface Following {
  readonly client: WeftClient;
  readonly proxy: TcpProxy;
  readonly versions: number[];
  readonly statuses: LiveStatus[];
  readonly errors: WeftError[];
  readonly untilVersion: (version: number) => Promise<void>;
  readonly untilStatus: (status: LiveStatus) => Promise<void>;
}

/** Follows the instance, over a network of its own, and waits until the subscription is live. */
async function follow({ instanceId, user }: Beacon, options: Partial<WeftClientOptions> = { transport: "sse" }): Promise<Following> {
  const proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  const client = createWeftClient({ url: `http://127.0.0.1:${proxy.port}`, ...options });
  onTestFinished(async () => {
    client.close();
    await proxy.close();
  });
  await client.session.logIn({ login: user.login, password: user.password });
  const [versions, statuses, errors]: [number[], LiveStatus[], WeftError[]] = [[], [], []];
  client.subscribe<BeaconTransitioned>(
    beaconTransitions,
    { instanceId },
    {
      next: ({ workflowTransitioned }) => versions.push(workflowTransitioned.version),
      status: (status) => statuses.push(status),
      error: (error) => errors.push(error),
    },
  );
  const untilVersion = async (version: number): Promise<void> =>
    void (await until(() => versions.at(-1) === version, { what: `version ${version} has come` }));
  const untilStatus = async (status: LiveStatus): Promise<void> =>
    void (await until(() => statuses.at(-1) === status, { what: `the subscription is ${status}` }));
  await untilStatus("live");
  return { client, proxy, versions, statuses, errors, untilVersion, untilStatus };
}

describe("a subscription over HTTP", () => {
  test("is behind, then live, and gets each event once and in order", async () => {
    const one = await aBeacon();
    const { versions, statuses, untilVersion } = await follow(one);
    await one.flash(3);
    await untilVersion(4);
    expect([versions, statuses]).toEqual([
      [2, 3, 4],
      ["behind", "live"],
    ]);
  });

  test("resumes after its connection was cut, also before its first event", async () => {
    const one = await aBeacon();
    const { proxy, versions, untilStatus, untilVersion } = await follow(one);
    proxy.cut();
    await untilStatus("behind");
    await one.flash(2);
    proxy.heal();
    await untilVersion(3);
    await untilStatus("live");
    expect(versions).toEqual([2, 3]);
  });

  test("continues when the user's rights change", async () => {
    const one = await aBeacon();
    const { versions, errors, untilVersion } = await follow(one);
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

  test("ends as signed out when the session is revoked", async () => {
    const one = await aBeacon();
    const { client, errors, untilStatus } = await follow(one);
    await one.user.run("mutation { revokeOtherSessions { endedCount } }");
    await untilStatus("signedOut");
    expect(errors).toEqual([expect.any(UnauthenticatedError)]);
    expect(client.session.state).toEqual({ status: "signedOut", reason: "revoked" });
  });

  test("of an object that the user cannot see ends at once with NOT_FOUND", async () => {
    const [one, other] = [await aBeacon(), await aBeacon()];
    const client = createWeftClient({ url: weft.url, apiKey: one.user.token, transport: "sse" });
    onTestFinished(() => client.close());
    const ended = Promise.withResolvers<WeftError>();
    client.subscribe(beaconTransitions, { instanceId: other.instanceId }, { next: () => {}, error: ended.resolve });
    expect((await ended.promise).code).toBe("NOT_FOUND");
  });

  test("follows when no WebSocket can be opened, unless the application insists", async () => {
    const one = await aBeacon();
    const { versions, errors, untilVersion } = await follow(one, { webSocket: BlockedSocket });
    await one.flash();
    await untilVersion(2);
    expect([versions, errors]).toEqual([[2], []]);
  });
});

describe("stored operations", () => {
  /** The bodies of requests, and an answer to each. */
  const recorder = () => {
    const sent: { readonly body: Record<string, unknown>; readonly application: unknown }[] = [];
    const record: NonNullable<WeftClientOptions["fetch"]> = (_url, { body, headers }) => {
      sent.push({
        body: JSON.parse(body as string) as Record<string, unknown>,
        application: (headers as Record<string, string>)["weft-application"],
      });
      return Promise.resolve(new Response('{"data":{"me":null}}', { headers: { "content-type": "application/json" } }));
    };
    return { sent, record };
  };

  test("are sent by their IDs, with the application; other texts as they are", async () => {
    const { sent, record } = recorder();
    const stored = { application: "app_1/STAGING", documents: { abc: "{ me { id } }" } };
    const client = createWeftClient({ url: "http://weft.invalid", apiKey: "x", fetch: record, stored });
    await client.query("{ me { id } }");
    await client.query("{ me { name } }");
    expect(sent).toEqual([
      { body: { query: "", documentId: "abc", variables: {} }, application: "app_1/STAGING" },
      { body: { query: "{ me { name } }", variables: {} }, application: "app_1/STAGING" },
    ]);
  });
});
