import {
  aMaintenanceTenant,
  brokenInvariants,
  fireTransition,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { loopingDefinition, newIncident } from "@weft/testkit/tenants/looping-definition";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const incident =
  "id kind status state place message definitionKey resolution comment createdAt resolvedAt resolvedBy { id } instance { id status }";
const one = `query ($id: ID!) { incident(id: $id) { ${incident} } }`;
const list = `query ($filter: IncidentFilter) { incidents(filter: $filter) { edges { node { ${incident} } } totalCount } }`;
const resolve = `mutation ($input: ResolveIncidentInput!) { resolveIncident(input: $input) { incident { ${incident} } instance { id state status version history { kind isAutomatic } } } }`;
const changes = `subscription { incidentChanged { cursor change incident { id status } } }`;
const told = `{ notifications { edges { node { kind title params subject { id } } } } }`;

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

async function aTenant(): Promise<{ tenant: TestTenant; admin: TestUser; manager: TestUser }> {
  const tenant = await weft.tenant();
  await tenant.definition(loopingDefinition);
  return { tenant, admin: tenant.admin, manager: await tenant.user("workflow_manager") };
}

type Incident = { id: string; instance: { id: string } };
const openOf = async (who: TestUser) =>
  (await who.run<{ incidents: { edges: { node: Incident }[] } }>(list, { filter: { status: { eq: "OPEN" } } })).incidents.edges.map(
    ({ node }) => node,
  );

test(
  "an instance that cannot continue shows the reason, is listed, is reported to users who can resolve it, and is published live",
  { tags: "slow" },
  async () => {
    const { tenant, admin, manager } = await aTenant();
    const viewer = await tenant.user("viewer");
    const feed = await manager.subscribe<{ change: string; incident: { id: string } }>("incidentChanged", changes);
    const id = await newIncident(admin);
    const found = { kind: "LOOP", status: "OPEN", state: "here", place: "states.here", definitionKey: "looping", resolution: null };
    expect(await manager.run(one, { id })).toMatchObject({ incident: { ...found, instance: { status: "FAILED" } } });
    for (const filter of [
      { kind: { eq: "LOOP" } },
      { definitionKey: { eq: "looping" } },
      { state: { eq: "here" }, status: { in: ["OPEN"] } },
    ])
      expect(await manager.run(list, { filter })).toMatchObject({ incidents: { totalCount: 1, edges: [{ node: { id } }] } });
    expect(await manager.run(list, { filter: { status: { eq: "RESOLVED" } } })).toMatchObject({ incidents: { totalCount: 0 } });
    await weft.weft.worker.idle();
    const { instance } = (await openOf(manager))[0] ?? { instance: { id: "" } };
    const notice = { kind: "INCIDENT_OPENED", params: { definitionKey: "looping", incidentKind: "LOOP" }, subject: { id: instance.id } };
    for (const who of [admin, manager]) expect(await who.run(told)).toMatchObject({ notifications: { edges: [{ node: notice }] } });
    expect(await viewer.run(told)).toMatchObject({ notifications: { edges: [] } });

    // In the meantime, neither manual nor automatic transitions can be forced.
    for (const transition of ["finish", "go"])
      expect(await admin.refusal(fireTransition, { input: { instanceId: instance.id, transition } })).toBe("TRANSITION_REJECTED");

    const input = { id, action: "FIRE", transition: "finish", comment: "By hand", expectedVersion: 2 };
    expect(await manager.refusal(resolve, { input: { ...input, expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await manager.refusal(resolve, { input: { ...input, transition: "go" } })).toBe("TRANSITION_REJECTED");
    expect(await manager.refusal(resolve, { input: { ...input, transition: null } })).toBe("BAD_USER_INPUT");
    expect(await manager.refusal(resolve, { input: { ...input, comment: "x".repeat(10_001) } })).toBe("BAD_USER_INPUT");
    expect(await viewer.refusal(resolve, { input })).toBe("FORBIDDEN");
    expect(await manager.run(resolve, { input })).toMatchObject({
      resolveIncident: {
        incident: { status: "RESOLVED", resolution: "FIRE", comment: "By hand", resolvedBy: { id: manager.id } },
        instance: {
          state: "done",
          status: "COMPLETED",
          version: 4,
          history: [
            { kind: "START", isAutomatic: false },
            { kind: "INCIDENT", isAutomatic: true },
            { kind: "RESOLUTION", isAutomatic: false },
            { kind: "TRANSITION", isAutomatic: false },
          ],
        },
      },
    });
    expect(await manager.refusal(resolve, { input: { id, action: "SKIP" } })).toBe("TRANSITION_REJECTED");
    expect(await feed.until((payloads) => payloads.length === 2)).toMatchObject([
      { change: "OPENED", incident: { id } },
      { change: "RESOLVED", incident: { id } },
    ]);
    await feed.stop();
  },
);

test("users who see only their own workflows see no incidents of others and receive no notification", { tags: "slow" }, async () => {
  const { tenant, admin } = await aTenant();
  const input = {
    key: "keeper",
    name: "Keeper",
    permissions: ["incident.read", "incident.resolve", "workflow.read"].map((permission) => ({ permission, scope: "OWN" })),
  };
  await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input });
  const keeper = await tenant.user("keeper");
  const id = await newIncident(admin);
  expect(await keeper.refusal(one, { id })).toBe("NOT_FOUND");
  expect(await keeper.run(list)).toMatchObject({ incidents: { totalCount: 0 } });
  expect(await keeper.refusal(resolve, { input: { id, action: "SKIP" } })).toBe("NOT_FOUND");
  const reader = await tenant.user("requester");
  expect(await reader.refusal(one, { id })).toBe("FORBIDDEN");
  await weft.weft.worker.idle();
  expect(await keeper.run(`{ notifications { totalCount } }`).catch(() => null)).toBeNull();
});

test("a page of instances with their incidents takes one more statement", { tags: "slow" }, async () => {
  const { admin } = await aTenant();
  const page = `{ workflowInstances { edges { node { id incident { id } } } } }`;
  await newIncident(admin);
  await admin.run(page);
  const read = async (): Promise<string[]> => {
    await weft.weft.worker.idle();
    return (await weft.statements(() => admin.run(page))).filter((statement) => statement.includes('"workflows"."inc'));
  };
  const few = await read();
  for (let n = 0; n < 3; n++) await newIncident(admin);
  expect(few).toHaveLength(1);
  expect(await read()).toEqual(few);
});

test("event processing that always fails stops its instance; once the cause is gone, it is retried", { tags: "slow" }, async () => {
  const acme = await aMaintenanceTenant(weft);
  const { instanceId } = await acme.request("triage");
  await weft.weft.worker.idle();
  await owner.unsafe(`
    create function public.poison() returns trigger language plpgsql as $$ begin
      if new.kind = 'REQUEST_TRANSITIONED' then raise exception 'poison'; end if; return new; end $$;
    create trigger poison before insert on audit.notifications for each row execute function public.poison();`);
  // Sets the number of attempts to the maximum, so the test need not wait for the retry delays.
  await owner`update events.consumer_cursors set attempts = 100`;
  await acme.operations.run(fireTransition, { input: { instanceId, transition: "escalate" } });
  const other = await acme.request("draft");
  await weft.weft.worker.idle();
  const [found] = await openOf(acme.admin);
  expect(found).toMatchObject({ kind: "JOB", place: "consumers.notifications", instance: { id: instanceId, status: "FAILED" } });
  // Other instances of the same tenant continue.
  await owner.unsafe("drop trigger poison on audit.notifications; drop function public.poison();");
  expect(await acme.admin.run(`query ($id: ID!) { workflowInstance(id: $id) { status } }`, { id: other.instanceId })).toMatchObject({
    workflowInstance: { status: "RUNNING" },
  });
  expect(await acme.admin.run(resolve, { input: { id: found?.id, action: "RETRY" } })).toMatchObject({
    resolveIncident: { instance: { status: "RUNNING" }, incident: { resolution: "RETRY" } },
  });
  await weft.weft.worker.idle();
  const [{ count } = { count: 0 }] = await owner<{ count: number }[]>`
    select count(*)::int as count from audit.notifications where kind = 'REQUEST_TRANSITIONED' and params->>'from' = 'triage'`;
  expect(count).toBe(1);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
