import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** More than a tenant of another test publishes. */
const maxPublished = 30;

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { LIMIT_PUBLISHED_EVENTS_PER_MINUTE: maxPublished } });
});
afterAll(() => weft.stop());

interface Shown {
  id: string;
  type: string;
  typeVersion: number;
  name: string | null;
  occurredAt: string;
  position: number | null;
  subjectType: string;
  subjectId: string;
  subjectVersion: number;
  related: Record<string, string>;
  correlationId: string;
  causeId: string | null;
  payload: Record<string, unknown>;
  actor: { id: string } | null;
  onBehalfOf: { id: string } | null;
  subject: { __typename: string; id: string } | null;
}
interface Listed {
  events: { totalCount: number; edges: { cursor: string; node: Shown }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

const shown = `id type typeVersion name occurredAt position subjectType subjectId subjectVersion related correlationId causeId payload
  actor { id } onBehalfOf { id } subject { __typename id }`;
const list = `query ($filter: EventFilter, $first: Int, $after: String, $last: Int, $before: String, $orderBy: EventOrder) {
  events(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
    totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ${shown} } }
  }
}`;
const publish = `mutation ($input: PublishEventInput!) { publishEvent(input: $input) { eventId } }`;
const declare = `mutation ($input: DeclareEventTypeInput!) {
  declareEventType(input: $input) { eventType { id type description typeVersion version isCustom isTriggering payloadSchema } }
}`;

/** The code and the problems of a refusal. */
const refusal = async (user: TestUser, query: string, variables: Record<string, unknown> = {}): Promise<object> =>
  (await user.refused(query, variables)).extensions ?? {};

const createBuilding = `mutation ($code: String!) { createBuilding(input: { code: $code, name: "House" }) { building { id } } }`;

async function aBuilding(user: TestUser, code: string): Promise<string> {
  return (await user.run<{ createBuilding: { building: { id: string } } }>(createBuilding, { code })).createBuilding.building.id;
}

const eventsOf = async (user: TestUser, variables: object = {}): Promise<Shown[]> =>
  (await user.run<Listed>(list, { ...variables })).events.edges.map(({ node }) => node);

const delivery = `
weft: 1
key: delivery
name: Delivery
data: { properties: { total: { type: number } } }
initial: open
states:
  open: { transitions: { finish: { to: done } } }
  done: { final: completed }
`;

const orderPaid = {
  name: "custom.order.paid",
  description: "An order was paid.",
  payloadSchema: { properties: { total: { type: "number", minimum: 0 }, currency: { type: "string" } }, required: ["total"] },
};

async function publishPaid(user: TestUser, input: object = {}): Promise<string> {
  const variables = { input: { type: "custom.order.paid", payload: { total: 5 }, ...input } };
  return (await user.run<{ publishEvent: { eventId: string } }>(publish, variables)).publishEvent.eventId;
}

describe("the log", () => {
  test("an event has its type, subject, actor, position and payload, with IDs as in the API", { tags: "slow" }, async () => {
    const { admin } = await weft.tenant();
    const id = await aBuilding(admin, "B1");
    await weft.weft.worker.idle();
    const [event] = await eventsOf(admin, { filter: { type: { eq: "building.created" } } });
    expect(event).toMatchObject({
      type: "building.created",
      typeVersion: 1,
      name: null,
      subjectType: "building",
      subjectId: id,
      subjectVersion: 1,
      causeId: null,
      actor: { id: admin.id },
      onBehalfOf: null,
      subject: { __typename: "Building", id },
    });
    expect(event?.id).toMatch(/^evt_/);
    expect(event?.position).toBeGreaterThan(0);
    expect(event?.correlationId).not.toBe("");
    const one = await admin.run<{ event: Shown }>(`query ($id: ID!) { event(id: $id) { ${shown} } }`, { id: event?.id });
    expect(one.event).toEqual(event);
  });

  test("events are filtered by type, subject, actor, time and correlation, and paginated in both directions", async () => {
    const acme = await weft.tenant();
    const olga = await acme.user("operations");
    const ids = [await aBuilding(acme.admin, "A"), await aBuilding(olga, "B"), await aBuilding(olga, "C")];
    const created = { type: { eq: "building.created" } };
    const subjects = async (filter: object, more: object = {}): Promise<string[]> =>
      (await eventsOf(acme.admin, { filter, ...more })).map(({ subjectId }) => subjectId);
    expect(await subjects(created)).toEqual(ids.toReversed());
    expect(await subjects(created, { orderBy: { field: "ID", direction: "ASC" } })).toEqual(ids);
    expect(await subjects({ type: { in: ["building.created", "building.updated"] } })).toEqual(ids.toReversed());
    expect(await subjects({ ...created, actorId: { eq: olga.id } })).toEqual([ids[2], ids[1]]);
    expect(await subjects({ subjectId: { in: ids.slice(0, 2) } })).toEqual([ids[1], ids[0]]);
    expect(await subjects({ ...created, occurredAt: { lt: "2000-01-01T00:00:00Z" } })).toEqual([]);
    const [last] = await eventsOf(acme.admin, { filter: created });
    expect(await subjects({ correlationId: { eq: last?.correlationId } })).toEqual([ids[2]]);
    const first = (await acme.admin.run<Listed>(list, { filter: created, first: 2 })).events;
    expect([first.totalCount, first.pageInfo.hasNextPage]).toEqual([3, true]);
    const rest = (await acme.admin.run<Listed>(list, { filter: created, first: 2, after: first.pageInfo.endCursor })).events;
    expect([...first.edges, ...rest.edges].map(({ node }) => node.subjectId)).toEqual(ids.toReversed());
    const back = (await acme.admin.run<Listed>(list, { filter: created, last: 2 })).events;
    expect(back.edges.map(({ node }) => node.subjectId)).toEqual([ids[1], ids[0]]);
  });

  test("internal events are not shown, in lists or by their ID", async () => {
    const { admin } = await weft.tenant();
    await aBuilding(admin, "B1");
    const types = new Set((await eventsOf(admin, { first: 100 })).map(({ type }) => type));
    expect(types).toContain("building.created");
    expect([...types].filter((type) => /^(session|rights|notification|sla\.recorded)/.test(type))).toEqual([]);
    expect(await eventsOf(admin, { filter: { type: { eq: "session.created" } } })).toEqual([]);
  });

  test("a page takes the same number of statements whatever its size", { tags: "slow" }, async () => {
    const { admin } = await weft.tenant();
    for (const code of ["A", "B", "C", "D"]) await aBuilding(admin, code);
    const statementsOf = (first: number): Promise<number> =>
      weft.statementCount(() => eventsOf(admin, { first, filter: { type: { eq: "building.created" } } }));
    expect(await statementsOf(4)).toBe(await statementsOf(1));
  });

  test("only users with event.read in the whole tenant see events; another tenant's event does not exist", async () => {
    const [acme, globex] = [await weft.tenant(), await weft.tenant()];
    const id = await aBuilding(acme.admin, "B1");
    const [event] = await eventsOf(acme.admin, { filter: { subjectId: { eq: id } } });
    const requester = await acme.user("requester");
    expect(await refusal(requester, list)).toMatchObject({ code: "FORBIDDEN" });
    const developer = await acme.user("developer");
    expect(await eventsOf(developer, { filter: { subjectId: { eq: id } } })).toHaveLength(1);
    expect(await refusal(globex.admin, `query ($id: ID!) { event(id: $id) { id } }`, { id: event?.id })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await eventsOf(globex.admin, { filter: { subjectId: { eq: id } } })).toEqual([]);
  });
});

describe("custom events", () => {
  async function aTenantWithType(): Promise<TestTenant> {
    const acme = await weft.tenant();
    await acme.admin.run(declare, { input: orderPaid });
    return acme;
  }

  test("a declared event is validated, published, and shown under its own name", async () => {
    const { admin } = await aTenantWithType();
    const building = await aBuilding(admin, "B1");
    const id = await publishPaid(admin, { payload: { total: 12.5, currency: "EUR" }, subjectId: building });
    await weft.weft.worker.idle();
    const [event, ...others] = await eventsOf(admin, { filter: { type: { eq: "custom.order.paid" } } });
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      id,
      type: "custom.order.paid",
      typeVersion: 1,
      subjectType: "building",
      subjectId: building,
      payload: { total: 12.5, currency: "EUR" },
      actor: { id: admin.id },
      subject: { __typename: "Building", id: building },
    });
    expect(event?.position).toBeGreaterThan(0);
    expect(await eventsOf(admin, { filter: { type: { eq: "custom.published" } } })).toEqual([]);
  });

  test("a payload that does not match, an unknown type, and a subject that does not exist are refused with their path", async () => {
    const { admin } = await aTenantWithType();
    const globex = await weft.tenant();
    const foreign = await aBuilding(globex.admin, "B1");
    const refused = (input: object) => refusal(admin, publish, { input: { type: "custom.order.paid", payload: { total: 5 }, ...input } });
    expect(await refused({ payload: { total: -1 } })).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.payload.total" }],
    });
    expect(await refused({ payload: { total: 1, sum: 2 } })).toMatchObject({ problems: [{ path: "input.payload.sum" }] });
    expect(await refused({ type: "custom.order.payed" })).toMatchObject({
      problems: [{ path: "input.type", message: expect.stringContaining("custom.order.paid") as unknown }],
    });
    expect(await refused({ type: "building.created" })).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(await refused({ subjectId: foreign })).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.subjectId" }] });
    expect(await refused({ subjectId: admin.id })).toMatchObject({ problems: [{ path: "input.subjectId" }] });
  });

  test("repeating a call with the same key publishes nothing further", async () => {
    const { admin } = await aTenantWithType();
    const first = await publishPaid(admin, { idempotencyKey: "k" });
    expect(await publishPaid(admin, { idempotencyKey: "k" })).toBe(first);
    expect(await eventsOf(admin, { filter: { type: { eq: "custom.order.paid" } } })).toHaveLength(1);
    const other = { input: { type: "custom.order.paid", payload: { total: 6 }, idempotencyKey: "k" } };
    expect(await refusal(admin, publish, other)).toMatchObject({ code: "CONFLICT" });
  });

  test("a tenant's published events are limited per minute: each field of an operation counts, in fragments too", async () => {
    const { admin } = await weft.tenant();
    const other = await weft.tenant();
    const call = `publishEvent(input: { type: "custom.unknown", payload: {} }) { eventId }`;
    const fields = (count: number) => Array.from({ length: count }, (_, index) => `e${index}: ${call}`).join(" ");
    const document = `mutation Publish { ...Events ${fields(4)} } fragment Events on Mutation { f: ${call} }`;
    const codes = async (user: TestUser, query: string) => (await user.send(query)).errors?.map(({ extensions }) => extensions?.["code"]);
    for (let index = 0; index < maxPublished / 5; index++) expect(await codes(admin, document)).toEqual(Array(5).fill("BAD_USER_INPUT"));
    const refused = await admin.refused(`mutation { ${call} }`);
    expect(refused.message).toMatch(/^Your organization exceeded the limit of 30 published events per minute\. Try again in \d+ s\.$/);
    expect(refused.extensions).toMatchObject({ code: "RATE_LIMITED" });
    // Other operations, and other tenants, are not concerned.
    expect(await codes(admin, "{ me { id } }")).toBeUndefined();
    expect(await codes(other.admin, `mutation { ${call} }`)).toEqual(["BAD_USER_INPUT"]);
  });

  test("a user without event.publish cannot publish, and one without eventType.update cannot declare", async () => {
    const acme = await aTenantWithType();
    const manager = await acme.user("workflow_manager");
    expect(await refusal(manager, publish, { input: { type: "custom.order.paid", payload: { total: 1 } } })).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(await refusal(manager, declare, { input: { ...orderPaid, name: "custom.other" } })).toMatchObject({ code: "FORBIDDEN" });
    await publishPaid(await acme.user("developer"));
  });

  test("a trigger reacts to a custom event by its name, its payload and its subject", async () => {
    const acme = await aTenantWithType();
    const { admin } = acme;
    await acme.definition(delivery);
    await admin.run(`mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }`, {
      input: {
        name: "Deliver",
        eventType: "custom.published",
        eventName: "custom.order.paid",
        condition: "payload.payload.total > 10",
        action: "START",
        definitionKey: "delivery",
        data: { total: "payload.payload.total" },
      },
    });
    await admin.run(declare, { input: { ...orderPaid, name: "custom.order.refunded" } });
    await publishPaid(admin, { payload: { total: 5 } });
    await publishPaid(admin, { type: "custom.order.refunded", payload: { total: 30 } });
    const id = await publishPaid(admin, { payload: { total: 20 } });
    await weft.weft.worker.idle();
    const { triggerRuns } = await admin.run<{ triggerRuns: { edges: { node: object }[] } }>(
      `{ triggerRuns { edges { node { eventId outcome instance { data } } } } }`,
    );
    expect(triggerRuns.edges.map(({ node }) => node)).toEqual([{ eventId: id, outcome: "STARTED", instance: { data: { total: 20 } } }]);
  });
});
