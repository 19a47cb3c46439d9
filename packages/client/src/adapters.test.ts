import { ApolloClient, gql } from "@apollo/client";
import { QueryClient, QueryObserver } from "@tanstack/query-core";
import { sharedWeft, until, type SharedWeft, type TestUser } from "@weft/testkit";
import { beaconTransitions, newBeacon } from "@weft/testkit/tenants/beacon";
import { cacheExchange, Client } from "@urql/core";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { clearOnLogin, weftCache, weftLink } from "./apollo.js";
import { createWeftClient, memoryStore, NetworkError, NotFoundError, type WeftClient } from "./index.js";
import { followQueries, weftMutation, weftQuery } from "./tanstack-query.js";
import { weftErrors, weftExchange } from "./urql.js";

// What the adapters do for their libraries. How pages use them is tested in a browser: testkit/src/clients/clients.hard.test.ts.

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const logIn = ({ session }: WeftClient, { login, password }: TestUser): Promise<void> => session.logIn({ login, password });

async function aClient(user: TestUser): Promise<WeftClient> {
  const client = createWeftClient({ url: weft.url, store: memoryStore() });
  await logIn(client, user);
  onTestFinished(() => client.close());
  return client;
}

const versionOf = "query Version($id: ID!) { workflowInstance(id: $id) { version } }";
interface Versioned {
  readonly workflowInstance: { readonly version: number };
}
const runOf = "query Run($id: ID!) { run(id: $id) { id } }";
const fire = "mutation Fire($input: FireTransitionInput!) { fireTransition(input: $input) { instance { version } } }";

describe("TanStack Query", () => {
  test("queries by operation and variables, and changes by mutations that are sent once", async () => {
    const { user, instanceId } = await newBeacon(await weft.tenant());
    const client = await aClient(user);
    const queries = new QueryClient();
    const options = weftQuery<Versioned, { id: string }>(client, versionOf, { id: instanceId });
    expect(options.queryKey).toEqual(["weft", "Version", { id: instanceId }]);
    expect(await queries.query(options)).toEqual({ workflowInstance: { version: 1 } });
    const { mutationFn } = weftMutation<unknown, { input: object }>(client, fire);
    expect(await mutationFn({ input: { instanceId, transition: "flash" } })).toEqual({ fireTransition: { instance: { version: 2 } } });
    expect(await queries.query(options)).toEqual({ workflowInstance: { version: 2 } });
  });

  test("a failure has the class of its code, and is not repeated by the library", async () => {
    const { user } = await newBeacon(await weft.tenant());
    const other = await newBeacon(await weft.tenant());
    let calls = 0;
    const client = await aClient(user);
    const counted: WeftClient = { ...client, query: (...call) => (calls++, client.query(...call)) };
    const options = weftQuery(counted, runOf, { id: `run_${other.instanceId.slice(4)}` });
    const observer = new QueryObserver(new QueryClient(), options);
    onTestFinished(observer.subscribe(() => {}));
    await until(() => observer.getCurrentResult().isError, { what: "the query has failed" });
    expect(observer.getCurrentResult()).toMatchObject({ error: expect.any(NotFoundError) as unknown, failureCount: 1 });
    expect(calls).toBe(1);
  });

  test("queries are loaded again after each event, until it is stopped", async () => {
    const { user, instanceId, flash } = await newBeacon(await weft.tenant());
    const client = await aClient(user);
    const queries = new QueryClient();
    const observer = new QueryObserver(queries, weftQuery<Versioned, { id: string }>(client, versionOf, { id: instanceId }));
    onTestFinished(observer.subscribe(() => {}));
    const statuses: string[] = [];
    const stop = followQueries(client, queries, {
      subscription: beaconTransitions,
      variables: { instanceId },
      queryKeys: [["weft", "Version"]],
      onStatus: (status) => statuses.push(status),
    });
    const version = (): number | undefined => observer.getCurrentResult().data?.workflowInstance.version;
    await until(() => statuses.at(-1) === "live" && version() === 1, { what: "it follows" });
    await flash(2);
    await until(() => version() === 3, { what: "the query is loaded again" });
    stop();
    // Another one, which follows to the same event, shows that the first one would have.
    const second = new QueryClient();
    const other = new QueryObserver(second, weftQuery<Versioned, { id: string }>(client, versionOf, { id: instanceId }));
    onTestFinished(other.subscribe(() => {}));
    const followed: string[] = [];
    followQueries(client, second, {
      subscription: beaconTransitions,
      variables: { instanceId },
      queryKeys: [["weft"]],
      onStatus: (status) => followed.push(status),
    });
    await until(() => followed.at(-1) === "live", { what: "the second one follows" });
    await flash();
    await until(() => other.getCurrentResult().data?.workflowInstance.version === 4, { what: "the second one has loaded again" });
    expect(version()).toBe(3);
  });
});

test("Apollo Client forgets what the user before has seen when another one logs in", async () => {
  const [one, other] = [await newBeacon(await weft.tenant()), await newBeacon(await weft.tenant())];
  const client = await aClient(one.user);
  const apollo = new ApolloClient({ link: weftLink(client), cache: weftCache() });
  onTestFinished(clearOnLogin(client, apollo));
  const query = gql("query Me { me { id } }");
  const idOf = async (): Promise<unknown> => ((await apollo.query({ query })).data as { me: { id: string } }).me.id;
  expect(await idOf()).toBe(one.user.id);
  await client.session.logOut();
  await until(() => JSON.stringify(apollo.extract()) === "{}", { what: "the cache is empty" });
  await logIn(client, other.user);
  expect(await idOf()).toBe(other.user.id);
});

test("urql's errors are those of the client, of the API and of the network", async () => {
  const { user } = await newBeacon(await weft.tenant());
  const theirs = await newBeacon(await weft.tenant());
  const errorsOf = async (client: WeftClient, id: string): Promise<readonly unknown[]> => {
    const urql = new Client({ url: weft.url, preferGetMethod: false, exchanges: [cacheExchange, weftExchange(client)] });
    const { error } = await urql.query(runOf, { id }).toPromise();
    return error ? weftErrors(error) : [];
  };
  const unknown = `run_${theirs.instanceId.slice(4)}`;
  expect(await errorsOf(await aClient(user), unknown)).toEqual([expect.any(NotFoundError)]);
  // Nothing listens there.
  const unreachable = createWeftClient({ url: "http://127.0.0.1:9", accessToken: () => "unused", retryForMs: 0 });
  expect(await errorsOf(unreachable, unknown)).toEqual([expect.any(NetworkError)]);
});
