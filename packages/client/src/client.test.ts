import { inspect } from "node:util";
import { newServiceAccount, sharedWeft, until, userWithKey, type SharedWeft, type TestUser } from "@weft/testkit";
import { startTcpProxy, type TcpProxy } from "@weft/testkit/network/tcp-proxy";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  BadUserInputError,
  ConflictError,
  createWeftClient,
  memoryStore,
  NetworkError,
  nodesOf,
  NotFoundError,
  UnauthenticatedError,
  UnknownOutcomeError,
  updateLatest,
  type MfaRequiredError,
  type WeftClient,
  type WeftClientOptions,
} from "./index.js";

let weft: SharedWeft;
let proxy: TcpProxy;
beforeAll(async () => {
  weft = await sharedWeft();
  proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
});
afterAll(() => proxy.close());

function aClient(options: Partial<WeftClientOptions> = {}): WeftClient {
  const client = createWeftClient({ url: weft.url, retryForMs: 5_000, ...options });
  onTestFinished(() => client.close());
  return client;
}

async function logIn(user: TestUser, options: Partial<WeftClientOptions> = {}): Promise<WeftClient> {
  const client = aClient(options);
  await client.session.logIn({ login: user.login, password: user.password });
  return client;
}

const bodyOf = ({ body }: RequestInit): string => (typeof body === "string" ? body : "");

const me = "query Me { me { id } }";
const createTeam = "mutation CreateTeam($input: CreateTeamInput!) { createTeam(input: $input) { team { id version name } } }";
interface MadeTeam {
  readonly createTeam: { readonly team: { readonly id: string; readonly name: string } };
}
const teams =
  "query Teams($after: String) { teams(first: 2, after: $after) { edges { node { name } } pageInfo { hasNextPage endCursor } } }";

/** Requests with this many answers lost: the server gets them and answers, but the client does not see it. */
function losingAnswers(count: number): { fetch: NonNullable<WeftClientOptions["fetch"]>; sent: () => number } {
  let sent = 0;
  return {
    sent: () => sent,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (sent++ < count) {
        await response.text();
        throw new TypeError("The connection was reset.");
      }
      return response;
    },
  };
}

describe("a session", () => {
  test("begins with a login, authenticates requests, and ends with a logout", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("operations");
    const client = aClient();
    const seen: string[] = [];
    client.session.subscribe(() => seen.push(client.session.state.status));
    expect(client.session.state).toEqual({ status: "signedOut", reason: null });
    await client.session.logIn({ login: user.login, password: user.password });
    expect(await client.query(me)).toEqual({ me: { id: user.id } });
    await client.session.logOut();
    expect(client.session.state).toEqual({ status: "signedOut", reason: "loggedOut" });
    await expect(client.query(me)).rejects.toThrow(UnauthenticatedError);
    expect(seen).toEqual(["signedIn", "signedOut"]);
  });

  test("a wrong password is an UnauthenticatedError, and leaves the session as it was", async () => {
    const user = await (await weft.tenant()).user("operations");
    const client = aClient();
    await expect(client.session.logIn({ login: user.login, password: "wrong" })).rejects.toThrow(UnauthenticatedError);
    expect(client.session.state).toEqual({ status: "signedOut", reason: null });
  });

  test("renews a token that Weft refuses, and repeats the request", async () => {
    const user = await (await weft.tenant()).user("operations");
    const store = memoryStore();
    await logIn(user, { store });
    const stored = JSON.parse(store.read() ?? "") as { session: { accessToken: string } };
    store.write(JSON.stringify({ ...stored, session: { ...stored.session, accessToken: "forged" } }));
    const other = aClient({ store });
    expect(await other.query(me)).toEqual({ me: { id: user.id } });
    expect(other.session.state.status).toBe("signedIn");
  });

  test("renews a token that is about to expire once, whoever asks at the same time", async () => {
    const user = await (await weft.tenant()).user("operations");
    const store = memoryStore();
    await logIn(user, { store });
    const stored = JSON.parse(store.read() ?? "") as { session: object };
    store.write(JSON.stringify({ ...stored, session: { ...stored.session, renewAt: 0 } }));
    let renewals = 0;
    const counting: WeftClientOptions["fetch"] = (url, init) => {
      if (bodyOf(init).includes("refreshSession")) renewals++;
      return fetch(url, init);
    };
    // Two tabs share the store.
    const tabs = [aClient({ store, fetch: counting }), aClient({ store, fetch: counting })];
    await Promise.all(tabs.flatMap((tab) => [tab.query(me), tab.query(me), tab.query(me)]));
    expect(renewals).toBe(1);
  });

  test("is over when its refresh token is refused", async () => {
    const user = await (await weft.tenant()).user("operations");
    const store = memoryStore();
    const client = await logIn(user, { store });
    await user.run("mutation { revokeOtherSessions { endedCount } }");
    await expect(client.query(me)).rejects.toThrow(UnauthenticatedError);
    expect(client.session.state).toEqual({ status: "signedOut", reason: "expired" });
  });

  test("survives a lost answer to a renewal", async () => {
    const user = await (await weft.tenant()).user("operations");
    const store = memoryStore();
    await logIn(user, { store });
    const stored = JSON.parse(store.read() ?? "") as { session: object };
    store.write(JSON.stringify({ ...stored, session: { ...stored.session, renewAt: 0 } }));
    const client = aClient({ store, fetch: losingAnswers(1).fetch });
    expect(await client.query(me)).toEqual({ me: { id: user.id } });
  });

  test("a logout everywhere ends the user's other sessions", async () => {
    const user = await (await weft.tenant()).user("operations");
    const [first, second] = [await logIn(user), await logIn(user)];
    await first.session.logOut({ everywhere: true });
    await expect(second.query(me)).rejects.toThrow(UnauthenticatedError);
  });

  test("a login with the same device sends the token by which it is known", async () => {
    const user = await (await weft.tenant()).user("operations");
    const bodies: string[] = [];
    const client = await logIn(user, {
      fetch: (url, init) => {
        bodies.push(bodyOf(init));
        return fetch(url, init);
      },
    });
    await client.session.logOut();
    await client.session.logIn({ login: user.login, password: user.password });
    expect(bodies.at(-1)).toMatch(/"deviceToken":"wdt_/);
  });

  test("a program uses its API key", async () => {
    const tenant = await weft.tenant();
    const userId = await newServiceAccount(tenant.admin, "reporting", ["viewer"]);
    const { token } = await userWithKey(tenant.admin, ["user.read"], { userId });
    expect(await aClient({ apiKey: token }).query(me)).toEqual({ me: { id: userId } });
  });
});

describe("a change of the user", () => {
  /** Delays answers to renewals until they are let through. */
  function slowRenewals(): { fetch: NonNullable<WeftClientOptions["fetch"]>; asked: Promise<void>; answer: () => void } {
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    return {
      asked: asked.promise,
      answer: answered.resolve,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (!bodyOf(init).includes("refreshSession")) return response;
        const text = await response.text();
        asked.resolve();
        await answered.promise;
        return new Response(text, { status: response.status });
      },
    };
  }

  test("while a token is renewed does not bring the user before back, and sends nothing of theirs", async () => {
    const tenant = await weft.tenant();
    const [first, second] = [await tenant.user("operations"), await tenant.user("workflow_manager")];
    const store = memoryStore();
    await logIn(first, { store });
    const stored = JSON.parse(store.read() ?? "") as { session: object };
    store.write(JSON.stringify({ ...stored, session: { ...stored.session, renewAt: 0 } }));
    const { fetch: slow, asked, answer } = slowRenewals();
    const client = aClient({ store, fetch: slow });
    const early = client.mutate("mutation { revokeOtherSessions { endedCount } }").catch((error: unknown) => error);
    await asked;
    await client.session.logOut();
    await client.session.logIn({ login: second.login, password: second.password });
    answer();
    expect(await early).toBeInstanceOf(UnauthenticatedError);
    expect(await client.query(me)).toEqual({ me: { id: second.id } });
  });

  test("during the wait for another attempt ends what the user before has asked for", async () => {
    const tenant = await weft.tenant();
    const [first, second] = [await tenant.user("operations"), await tenant.user("workflow_manager")];
    let isDown = false;
    const client = await logIn(first, {
      fetch: (url, init) => (isDown && bodyOf(init).includes("CreateTeam") ? Promise.reject(new TypeError("down")) : fetch(url, init)),
    });
    isDown = true;
    const asked = client.mutate(createTeam, { input: { key: "mine", name: "Mine" } }).catch((error: unknown) => error);
    await client.session.logOut();
    await client.session.logIn({ login: second.login, password: second.password });
    isDown = false;
    expect(await asked).toBeInstanceOf(UnknownOutcomeError);
    expect(await tenant.admin.run('{ teams(filter: { key: { eq: "mine" } }) { totalCount } }')).toEqual({ teams: { totalCount: 0 } });
  });
});

describe("errors", () => {
  test("of a proxy are no data, whatever they look like", async () => {
    const answering = (status: number, body: string): WeftClient =>
      aClient({ apiKey: "x", retryForMs: 0, fetch: () => Promise.resolve(new Response(body, { status })) });
    await expect(answering(503, '{"message":"upstream connect error"}').query(me)).rejects.toThrow(NetworkError);
    await expect(answering(524, "<html>").mutate(createTeam, { input: {} })).rejects.toThrow(UnknownOutcomeError);
    await expect(answering(200, "null").query(me)).rejects.toThrow(NetworkError);
    await expect(answering(413, "Too large").query(me)).rejects.toMatchObject({ code: "HTTP_413" });
  });

  test("can be logged, without secrets", async () => {
    const client = aClient({
      retryForMs: 0,
      fetch: () =>
        Promise.resolve(
          Response.json({ data: null, errors: [{ message: "More.", extensions: { code: "MFA_REQUIRED", mfaToken: "secret-token" } }] }),
        ),
    });
    const error = (await client.session.logIn({ login: "a", password: "b" }).catch((caught: unknown) => caught)) as MfaRequiredError;
    expect(error.mfaToken).toBe("secret-token");
    expect(JSON.stringify(error)).not.toContain("secret-token");
    expect(inspect(error)).not.toContain("secret-token");
  });

  test("have the class of their code, with the problems of an input by path, and the request's ID", async () => {
    const client = await logIn((await weft.tenant()).admin);
    const error = await client.mutate(createTeam, { input: { key: "empty", name: "" } }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(BadUserInputError);
    expect((error as BadUserInputError).problems).toMatchObject([{ path: "input.name" }]);
    expect((error as BadUserInputError).requestId).toMatch(/./);
  });

  test("of one field leave the data of the others", async () => {
    const client = await logIn((await weft.tenant()).admin);
    const text = `query { me { id } request(id: "req_00000000000000000000000000") { id } }`;
    expect(await client.execute(text)).toMatchObject({ data: { me: { id: /./ }, request: null }, errors: [{ code: "NOT_FOUND" }] });
    const error = await client.query(text).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NotFoundError);
    expect((error as NotFoundError).data).toMatchObject({ me: { id: /./ } });
  });

  test("an operation that nobody answers is a NetworkError", async () => {
    const client = aClient({ url: "http://127.0.0.1:9", retryForMs: 0, apiKey: "x" });
    await expect(client.query(me)).rejects.toThrow(NetworkError);
  });

  test("an aborted request throws the reason, and is not repeated", async () => {
    const client = aClient({ url: "http://127.0.0.1:9", apiKey: "x" });
    const abort = new AbortController();
    const asked = client.query(me, {}, { signal: abort.signal });
    abort.abort(new Error("The page was left."));
    await expect(asked).rejects.toThrow("The page was left.");
  });
});

describe("a mutation whose answer is lost", () => {
  test("is sent again with the same key, and executed once", async () => {
    const tenant = await weft.tenant();
    const { fetch, sent } = losingAnswers(2);
    const client = aClient({ apiKey: tenant.admin.token, fetch });
    const { createTeam: made } = await client.mutate<MadeTeam>(createTeam, { input: { key: "night", name: "Night shift" } });
    expect([made.team.name, sent()]).toEqual(["Night shift", 3]);
    expect(await tenant.admin.run('{ teams(filter: { key: { eq: "night" } }) { totalCount } }')).toEqual({ teams: { totalCount: 1 } });
  });

  test("without a key is reported, and not sent again", async () => {
    const tenant = await weft.tenant();
    const { fetch, sent } = losingAnswers(1);
    const client = aClient({ apiKey: tenant.admin.token, fetch });
    await expect(client.mutate("mutation { revokeOtherSessions { endedCount } }")).rejects.toThrow(UnknownOutcomeError);
    expect(sent()).toBe(1);
  });

  test("for too long is reported with its key, with which it can be repeated later", async () => {
    const tenant = await weft.tenant();
    const lost = aClient({ apiKey: tenant.admin.token, fetch: losingAnswers(100).fetch, retryForMs: 400 });
    const error = await lost.mutate(createTeam, { input: { key: "early", name: "Early shift" } }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    const { idempotencyKey } = error as UnknownOutcomeError;
    expect(idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
    const client = aClient({ apiKey: tenant.admin.token });
    await client.mutate(createTeam, { input: { key: "early", name: "Early shift" } }, { idempotencyKey: idempotencyKey ?? "" });
    expect(await tenant.admin.run('{ teams(filter: { key: { eq: "early" } }) { totalCount } }')).toEqual({ teams: { totalCount: 1 } });
  });

  test("and whose repetition is refused is reported as unknown", async () => {
    const tenant = await weft.tenant();
    let sent = 0;
    const client = aClient({
      apiKey: tenant.admin.token,
      retryForMs: 1_000,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (sent++ > 0)
          return Response.json(
            { errors: [{ message: "Busy.", extensions: { code: "RATE_LIMITED", isRetryable: true, retryAfter: 9 } }] },
            { status: 429 },
          );
        await response.text();
        throw new TypeError("The connection was reset.");
      },
    });
    const error = await client.mutate(createTeam, { input: { key: "late", name: "Late" } }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: "UnknownOutcomeError", isRetryable: false, idempotencyKey: expect.stringMatching(/./) as string });
  });

  test("each call of the application is a new one", async () => {
    const tenant = await weft.tenant();
    const client = aClient({ apiKey: tenant.admin.token });
    await client.mutate(createTeam, { input: { key: "one", name: "One" } });
    await expect(client.mutate(createTeam, { input: { key: "one", name: "One" } })).rejects.toThrow("already exists");
  });
});

test("a query waits until Weft is back", async () => {
  const tenant = await weft.tenant();
  const client = aClient({ url: `http://127.0.0.1:${proxy.port}`, apiKey: tenant.admin.token });
  proxy.cut();
  const asked = client.query(me);
  await new Promise((resolve) => setTimeout(resolve, 300));
  proxy.heal();
  expect(await asked).toEqual({ me: { id: tenant.admin.id } });
});

test("all nodes of a list come page by page", async () => {
  const tenant = await weft.tenant();
  const client = aClient({ apiKey: tenant.admin.token });
  for (const name of ["A", "B", "C", "D", "E"]) await client.mutate(createTeam, { input: { key: name.toLowerCase(), name } });
  interface Teams {
    readonly teams: {
      readonly edges: { readonly node: { readonly name: string } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  }
  const names: string[] = [];
  for await (const { name } of nodesOf<Teams, Record<string, unknown>, { readonly name: string }>(client, {
    query: teams,
    connection: (data) => data.teams,
  }))
    names.push(name);
  expect(names).toEqual(expect.arrayContaining(["A", "B", "C", "D", "E"]));
});

test("a change with a version that somebody else has changed is tried again with the new one, if it still applies", async () => {
  const tenant = await weft.tenant();
  const client = aClient({ apiKey: tenant.admin.token });
  const { team } = (await client.mutate<MadeTeam>(createTeam, { input: { key: "old", name: "Old" } })).createTeam;
  const load = async () =>
    (
      await client.query<{ team: { version: number; name: string } }>("query ($id: ID!) { team(id: $id) { version name } }", {
        id: team.id,
      })
    ).team;
  const rename = (name: string, expectedVersion: number) =>
    client.mutate("mutation ($input: UpdateTeamInput!) { updateTeam(input: $input) { team { id } } }", {
      input: { id: team.id, name, expectedVersion },
    });
  let interfering = 1;
  const change = async ({ version, name }: { version: number; name: string }) => {
    if (interfering-- > 0) await rename(`${name} and new`, version);
    return rename(`${name}!`, version);
  };
  await updateLatest({ load, change });
  expect((await load()).name).toBe("Old and new!");
  interfering = 1;
  await expect(updateLatest({ load, change, stillApplies: () => false })).rejects.toThrow(ConflictError);
  await until(() => load().then(({ name }) => name === "Old and new! and new"), { what: "the change that no longer applies is not made" });
});

describe("reading one's own writes", () => {
  interface Sent {
    readonly extensions?: { readonly consistency?: { readonly after?: readonly string[]; readonly returnToken?: boolean } };
  }

  /** Records the requests. `change` replaces their bodies. */
  function recording(change: (body: string) => string = (body) => body): { fetch: NonNullable<WeftClientOptions["fetch"]>; sent: Sent[] } {
    const sent: Sent[] = [];
    const record = async (url: string, init: RequestInit): Promise<Response> => {
      const body = change(bodyOf(init));
      sent.push(JSON.parse(body) as Sent);
      return fetch(url, { ...init, body });
    };
    return { fetch: record, sent };
  }

  test("a client sends the token of its newest write with each request, if it was told to", async () => {
    const { admin } = await weft.tenant();
    const { fetch: record, sent } = recording();
    const client = aClient({ accessToken: () => admin.token, readsOwnWrites: true, fetch: record });
    await client.query(me);
    await client.mutate(createTeam, { input: { key: "own-writes", name: "Own writes" } });
    await client.query(me);
    const [before, write, after] = sent.map(({ extensions }) => extensions?.consistency);
    expect([before, write]).toEqual([undefined, { returnToken: true }]);
    expect(after?.after).toEqual([expect.stringMatching(/^[\w-]{40,}$/)]);
  });

  test("a client that was not told to sends no extensions", async () => {
    const { admin } = await weft.tenant();
    const { fetch: record, sent } = recording();
    const client = aClient({ accessToken: () => admin.token, fetch: record });
    await client.mutate(createTeam, { input: { key: "no-tokens", name: "No tokens" } });
    await client.query(me);
    expect(sent.map(({ extensions }) => extensions)).toEqual([undefined, undefined]);
  });

  test("a request whose tokens the server does not know is sent again without them", async () => {
    const { admin } = await weft.tenant();
    const { fetch: record, sent } = recording((body) => body.replace(/"after":\["[^"]*"\]/, '"after":["of other keys"]'));
    const client = aClient({ accessToken: () => admin.token, readsOwnWrites: true, fetch: record });
    await client.mutate(createTeam, { input: { key: "other-keys", name: "Other keys" } });
    await client.query(me);
    expect(sent.slice(1).map(({ extensions }) => extensions?.consistency?.after)).toEqual([["of other keys"], undefined]);
  });

  test("a subscription is sent with the token, too", async () => {
    const { admin } = await weft.tenant();
    const client = aClient({ accessToken: () => admin.token, readsOwnWrites: true });
    await client.mutate(createTeam, { input: { key: "subscribed", name: "Subscribed" } });
    const statuses: string[] = [];
    client.subscribe(
      "subscription { configurationChanged { version cursor } }",
      {},
      {
        next: () => undefined,
        error: (error) => statuses.push(error.message),
        gap: () => undefined,
        status: (status) => statuses.push(status),
      },
    );
    await until(() => statuses.length > 1, { what: "the subscription has started" });
    expect(statuses).toEqual(["behind", "live"]);
  });
});
