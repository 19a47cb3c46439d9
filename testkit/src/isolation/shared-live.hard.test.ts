import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { decodeId } from "@weft/shared/ids";
import type { Permission, Scope } from "@weft/shared/viewer";
import { eventCursors, liveFields } from "@weft/api/live";
import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from "jose";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unsharedAnswers, unsharedAnswersSettings } from "../live/unshared-answers.js";
import { connectSocket } from "../live/watching-socket.js";
import { connectEvents, connectMultipart, connectSharedEvents } from "../live/watching-stream.js";
import { watch, type Connect, type Watching } from "../live/watching.js";
import type { TestTenant } from "../test-tenant.js";
import { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { until } from "../until.js";
import { type RandomSource, randomSource } from "../random-source.js";

/** Transports of the subscriptions, drawn by the seed. One answer to an event goes over all of them. */
const transports: readonly Connect[] = [connectSocket, connectEvents, connectSharedEvents, connectMultipart];

const seed = Number(process.env["SEED"] ?? randomInt(1_000_000));
/** Number of events after which the test ends. */
const wantedEvents = Number(process.env["WEFT_LIVE_EVENTS"] ?? 300);
/** Number of minutes after which a long run ends with fewer events. */
const minutes = Number(process.env["WEFT_LIVE_MINUTES"] ?? 60);
const tenantCount = Number(process.env["WEFT_LIVE_TENANTS"] ?? 3);
const connectionCount = Number(process.env["WEFT_LIVE_CONNECTIONS"] ?? 240);

const deciding: readonly Permission[] = ["workflow.read", "definition.read", "user.read", "request.read", "task.read", "task.assign"];
const rights = (narrow?: Permission, ...scopes: Scope[]) =>
  deciding.flatMap((permission) => (permission === narrow ? scopes : (["TENANT"] as const)).map((scope) => ({ permission, scope })));
const near: Scope[] = ["OWN", "ASSIGNED", "TEAM"];
/** Rights of a tenant's watchers. Users with the same ones share the answers to most operations, if their permissions are decided for the tenant. */
const profiles = [rights(), rights("workflow.read", ...near), rights("user.read", ...near), rights("task.assign", ...near), rights()];
/** The profile of each watcher in turn, so that there are large and small audiences. The first and the last one differ only in the name of the role. */
const profileOf = [0, 0, 1, 2, 3, 0, 4, 1, 2, 4];
/** Connections for each operation of a user, in turn: the sessions of a user share answers to all operations. */
const connectionsOf = [1, 4] as const;

const instance = "id state status version definition { key name } owner { id name } updatedAt";
/** One subscription of each kind: shared by many users, by the sessions of one user only, and over tasks. */
const operations = [
  ["workflowTransitioned", `cursor from to version actor { id name } instance { ${instance} }`],
  ["workflowTransitioned", `cursor version instance { ${instance} availableTransitions { name allowed reasons } }`],
  ["requestChanged", `cursor change version request { id number state data createdBy { name } workflow { ${instance} } }`],
  ["taskChanged", `cursor change task { id title status hasNoCandidates candidateRoles assignee { name } instance { ${instance} } }`],
] as const;
type Operation = (typeof operations)[number];

interface Watcher {
  readonly user: TestUser;
  /** Positions before which the user's rights changed in the step. Payloads can arrive late, because the connection was closed. */
  readonly doubtful: { readonly after: number; readonly upTo: number }[];
  readonly feeds: readonly { readonly operation: Operation; readonly connections: readonly Receiving[] }[];
}

interface Receiving {
  readonly watching: Watching;
  /** Payloads as text, by the position of their event. Those that were compared are removed. */
  readonly received: Map<number, string>;
}

interface Watched {
  readonly tenant: TestTenant;
  readonly admin: TestUser;
  readonly requester: TestUser;
  readonly operator: TestUser;
  readonly teamId: string;
  readonly vendorId: string;
  readonly watchers: readonly Watcher[];
  /** Requests, with the transition that comes next. */
  open: { readonly id: string; readonly instanceId: string; next: "submit" | "approve" | "assign" }[];
  /** The position up to which all messages were compared. */
  compared: number;
  readonly random: RandomSource;
}

let weft: TestWeft;
let owner: postgres.Sql;
let tenants: Watched[];

beforeAll(async () => {
  weft = await startTestWeft({
    settings: {
      LIMIT_SOCKETS_PER_TENANT: 10_000,
      LIMIT_SOCKETS_PER_USER: 100,
      LIMIT_OPERATIONS_WAITING_PER_TENANT: 10_000,
      ...unsharedAnswersSettings,
    },
  });
  owner = postgres(weft.database.ownerUrl, { max: 4, onnotice: () => {} });
  const made = Array.from({ length: tenantCount }, async (_, n) => prepare(await weft.tenant(`Tenant ${n}`), randomSource(seed + n)));
  tenants = await Promise.all(made);
});
afterAll(async () => {
  for (const { watching } of allConnections()) watching.stop();
  await owner.end();
  await weft.stop();
});

/** Errors of payloads that arrived. They fail the test. */
const failures: Error[] = [];
const allConnections = (): Receiving[] =>
  tenants.flatMap(({ watchers }) => watchers.flatMap(({ feeds }) => feeds.flatMap(({ connections }) => connections)));

test(
  `the messages of every connection equal unshared execution, over each transport, while rights change (SEED=${seed})`,
  { timeout: 2 * 3_600_000 },
  async () => {
    const sum = { events: 0, messages: 0, alone: 0 };
    let thousands = 0;
    const deadline = performance.now() + minutes * 60_000;
    while (sum.events < wantedEvents && performance.now() < deadline) {
      const steps = await Promise.all(tenants.map((tenant) => step(tenant)));
      for (const { compared, received, executed } of steps) {
        sum.events += compared;
        sum.messages += received;
        sum.alone += executed;
      }
      if (Math.floor(sum.events / 1_000) > thousands) {
        thousands = Math.floor(sum.events / 1_000);
        const { user, system } = process.cpuUsage();
        console.log(`${sum.events} events, ${sum.messages} messages after ${((user + system) / 1e6).toFixed(0)} s of processor time`);
      }
    }
    // Nothing more may come.
    await delay(1_000);
    expect(failures).toEqual([]);
    for (const { doubtful, feeds } of tenants.flatMap(({ watchers }) => watchers)) {
      const unexpected = feeds.flatMap(({ connections }) => connections.flatMap(({ received }) => [...received]));
      expect(unexpected.filter(([position]) => !doubtful.some(({ after, upTo }) => position > after && position <= upTo))).toEqual([]);
    }

    const metrics = await (await fetch(`${weft.url}/metrics`)).text();
    for (const protocol of ["sse", "multipart"])
      expect(Number(new RegExp(`^weft_live_streams\\{protocol="${protocol}"\\} (\\d+)`, "m").exec(metrics)?.[1]), protocol).toBeGreaterThan(
        0,
      );
    const executions = Number(/^weft_live_executions_total (\d+)/m.exec(metrics)?.[1]);
    const closes = allConnections().flatMap(({ watching }) => watching.closes);
    console.log(
      `${allConnections().length} connections; ${sum.events} events, ${sum.messages} messages; ${executions} executions, ${sum.alone} unshared; ${closes.length} closed by changed rights`,
    );
    expect(sum.messages).toBeGreaterThan(sum.events);
    expect(executions).toBeLessThan(sum.alone);
    expect(closes.length).toBeGreaterThan(0);
    // The code of changed rights.
    expect(closes.filter((code) => code !== 4403)).toEqual([]);
  },
);

async function prepare(tenant: TestTenant, random: RandomSource): Promise<Watched> {
  await tenant.maintenance();
  const [vendor, teamId] = [await tenant.vendor("Kone"), await tenant.team("facilities")];
  const users = [
    vendor.user,
    await tenant.user("requester"),
    await tenant.user("operations"),
    await tenant.user("operations", { teams: ["facilities"] }),
  ];
  for (const [index, permissions] of profiles.entries()) {
    const input = { key: `watcher_${index}`, name: `Watcher ${index}`, permissions };
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input });
  }
  const connectionsPerUser = (operations.length * connectionsOf.reduce((sum, count) => sum + count, 0)) / connectionsOf.length;
  for (let index = 0; users.length * connectionsPerUser < connectionCount / tenantCount; index++) {
    users.push(await tenant.user(`watcher_${profileOf[index % profileOf.length]}`, { teams: random.below(2) === 0 ? ["facilities"] : [] }));
  }
  const [start = 0] = await headsOf(tenant.id);
  const after = eventCursors(weft.keys).encode(tenant.id, start);
  const watchers: Watcher[] = [];
  const [admin, ...lasting] = await Promise.all([tenant.admin, ...users].map((user) => withLastingToken(user)));
  for (const [index, user] of lasting.entries()) {
    const feeds = operations.map(async (operation) => {
      const connections = Array.from({ length: connectionsOf[index % connectionsOf.length] ?? 1 }, () =>
        receive(user, operation, { tenantId: tenant.id, after, connect: random.pick(transports) }),
      );
      return { operation, connections: await Promise.all(connections) };
    });
    watchers.push({ user, doubtful: [], feeds: await Promise.all(feeds) });
  }
  const [, requester, operator] = lasting;
  if (!admin || !requester || !operator) throw new Error("There are too few users.");
  return { tenant, admin, requester, operator, teamId, vendorId: vendor.id, watchers, open: [], compared: start, random };
}

/** Returns the user with a token for an hour, the longest that is accepted. The usual one ends after 15 minutes, before a long test does. */
async function withLastingToken({ token }: TestUser): Promise<TestUser> {
  const header = { ...decodeProtectedHeader(token), alg: "EdDSA" };
  const key = await importJWK(weft.keys.access.privateJwk, "EdDSA");
  const lasting = await new SignJWT(decodeJwt(token))
    .setProtectedHeader(header)
    .setExpirationTime((decodeJwt(token).iat ?? 0) + 3_600)
    .sign(key);
  return TestUser.withToken(weft.url, lasting);
}

async function receive(
  user: TestUser,
  [field, selection]: Operation,
  { tenantId, after, connect }: { readonly tenantId: string; readonly after: string; readonly connect: Connect },
): Promise<Receiving> {
  const query = `subscription Watch($after: String) { ${field}(after: $after) { ${selection} } }`;
  const received = new Map<number, string>();
  let last = 0;
  const onPayload = (payload: unknown): string | undefined => {
    const cursor = (payload as { data?: Record<string, { cursor?: string } | null> | null }).data?.[field]?.cursor;
    if (cursor === undefined) failures.push(new Error(`${user.login} received a payload without a cursor: ${JSON.stringify(payload)}`));
    else {
      const position = eventCursors(weft.keys).decode(tenantId, cursor);
      if (position <= last) failures.push(new Error(`${user.login} received ${field} at ${position} after ${last}.`));
      last = position;
      received.set(position, comparable(payload));
    }
    return cursor;
  };
  return { received, watching: await watch({ url: weft.url, token: user.token, query, onPayload, after }, connect) };
}

const headsOf = async (tenantId: string): Promise<number[]> =>
  (await owner<{ position: number }[]>`select position::int from events.position_heads where tenant_id = ${tenantId}`).map(
    ({ position }) => position,
  );

/** Requests that are made in half a step. As many make each transition. */
const perHalfStep = 2;

/** Changes the rights of some users, writes a few events about different objects, and compares all messages about them. */
async function step(watched: Watched): Promise<{ compared: number; received: number; executed: number }> {
  const { tenant, watchers, random } = watched;
  // Each request moves at most once, so that its state does not change until it is compared.
  const due = watched.open;
  watched.open = [];
  const half = Math.ceil(due.length / 2);
  if (random.below(2) === 0) await changeRights(watched);
  await Promise.all([moveOn(watched, due.slice(0, half)), random.below(3) === 0 ? changeRights(watched) : undefined]);
  await moveOn(watched, due.slice(half));
  await until(async () => (await owner`select from events.outbox where tenant_id = ${tenant.id} limit 1`).length === 0, {
    what: "all events have a position",
    deadlineMs: 60_000,
  });
  const events = await owner<{ position: number; type: string; subject: string }[]>`
    select p.position::int, l.type, l.subject_id as subject from events.positions p join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id
     where p.tenant_id = ${tenant.id} and p.position > ${watched.compared} order by p.position`;
  // One after the other: an overloaded server would refuse some of the unshared executions.
  const results: Awaited<ReturnType<typeof compare>>[] = [];
  for (const watcher of watchers) results.push(await compare(watched, watcher, events));
  watched.compared = events.at(-1)?.position ?? watched.compared;
  const sum = (of: "received" | "executed"): number => results.reduce((total, result) => total + result[of], 0);
  return { compared: events.length, received: sum("received"), executed: sum("executed") };
}

interface Written {
  readonly position: number;
  readonly type: string;
  readonly subject: string;
}

/**
 * Waits until each connection of the watcher has received exactly what the watcher can see of the events, and compares. After a change of rights, this holds
 * for later events; those before it can have been answered under the former rights.
 */
async function compare(
  { tenant, compared }: Watched,
  { user, doubtful, feeds }: Watcher,
  events: readonly Written[],
): Promise<{ received: number; executed: number }> {
  const uuid = decodeId("user", user.id);
  const changed = Math.max(
    compared,
    ...events.filter(({ type, subject }) => type === "rights.changed" && subject === uuid).map(({ position }) => position),
  );
  if (changed > compared) doubtful.push({ after: compared, upTo: changed });
  const last = events.at(-1)?.position ?? compared;
  const sum = { received: 0, executed: 0 };
  for (const { operation, connections } of feeds) {
    const [field] = operation;
    const types = liveFields[field].eventTypes as readonly string[];
    const positions = events.filter(({ type, position }) => types.includes(type) && position > changed).map(({ position }) => position);
    const answers = await unsharedAnswers(
      user,
      operation,
      positions.map((position) => eventCursors(weft.keys).encode(tenant.id, position)),
    );
    const expected = positions.flatMap((position, index) => (answers[index] ? [[position, comparable(answers[index])] as const] : []));
    for (const { received, watching } of connections) {
      const hasAll = (): boolean => expected.every(([position]) => received.has(position));
      // A connection that was opened again may still read the log.
      await until(() => hasAll() || watching.retry(), {
        what: `${user.login} has received ${field} at ${expected.map(([position]) => position).join()}; received were ${[...received.keys()].join()}`,
        deadlineMs: 300_000,
        everyMs: 20,
      });
      const got = [...received].filter(([position]) => position > changed && position <= last);
      expect(got, `${user.login} ${field}`).toEqual(expected);
      for (const position of received.keys()) if (position <= last) received.delete(position);
      sum.received += got.length;
      sum.executed += positions.length;
    }
  }
  return sum;
}

/** The payload as text, without the IDs of errors, which differ between executions. */
function comparable(payload: unknown): string {
  const { data, errors } = payload as { data?: unknown; errors?: readonly { path?: unknown; extensions?: { code?: unknown } }[] };
  return JSON.stringify({ data, errors: errors?.map(({ path, extensions }) => [path, extensions?.code]) });
}

/** Moves these requests on, and creates new ones. */
async function moveOn({ requester, operator, teamId, vendorId, open, watchers, random }: Watched, due: Watched["open"]): Promise<void> {
  for (const request of due) {
    const { id, instanceId } = request;
    if (request.next === "submit") {
      await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
      open.push({ ...request, next: "approve" });
    } else if (request.next === "approve") {
      await operator.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { id } } }', {
        id: instanceId,
      });
      open.push({ ...request, next: "assign" });
    } else {
      const employees = watchers.slice(1).map(({ user }) => ({ userId: user.id }));
      const assignee = random.pick([{ teamId }, { vendorId }, ...employees]);
      await operator.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
        input: { id, assignee },
      });
    }
  }
  for (let made = 0; made < perHalfStep; made++) {
    const { createRequest } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
      { input: { typeKey: "maintenance", data: { summary: `Noise ${random.below(1_000)}`, estimate: 100 } } },
    );
    open.push({ id: createRequest.request.id, instanceId: createRequest.request.workflow.id, next: "submit" });
  }
}

/** Changes the rights of a watcher: the teams, or the user's own grants and denials. */
async function changeRights({ tenant, admin, teamId, watchers, random }: Watched): Promise<void> {
  // The first users write the events.
  const { user } = random.pick(watchers.slice(4));
  if (random.below(3) === 0) {
    const isMember =
      await owner`select from identity.team_members where tenant_id = ${tenant.id} and user_id = ${decodeId("user", user.id)}`;
    const name = isMember.length > 0 ? "removeTeamMember" : "addTeamMember";
    const type = isMember.length > 0 ? "RemoveTeamMemberInput" : "AddTeamMemberInput";
    await admin.run(`mutation ($input: ${type}!) { ${name}(input: $input) { team { id } } }`, { input: { teamId, userId: user.id } });
    return;
  }
  // Half of the changes restore the rights of the roles, so that users with equal rights remain.
  const denials = random
    .some(deciding, random.pick([0, 0.25]))
    .map((permission) => ({ permission, scope: random.pick(["OWN", "TEAM", "TENANT"]) }));
  await admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
    input: { userId: user.id, grants: [], denials, reason: "A test" },
  });
}
