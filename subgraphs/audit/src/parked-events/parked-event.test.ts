import { decodeId } from "@weft/shared/ids";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
});

interface Shown {
  id: string;
  consumer: string;
  status: string;
  attempts: number;
  eventId: string;
  instanceId: string | null;
  event: { id: string; type: string } | null;
}
const shown = "id consumer status attempts eventId instanceId event { id type }";
const list = `query ($filter: ParkedEventFilter) { parkedEvents(filter: $filter) { totalCount edges { node { ${shown} } } } }`;
const retry = `mutation ($input: IdsInput!) { retryParkedEvents(input: $input) { parkedEvents { id status } } }`;
const skip = `mutation ($input: IdsInput!) { skipParkedEvents(input: $input) { parkedEvents { id status } } }`;

const parkedOf = async (user: TestUser, filter: object = {}): Promise<Shown[]> =>
  (await user.run<{ parkedEvents: { edges: { node: Shown }[] } }>(list, { filter })).parkedEvents.edges.map(({ node }) => node);
const refusal = async (user: TestUser, query: string, ids: string[]): Promise<unknown> =>
  (await user.refused(query, { input: { ids } })).extensions?.code;

/** Parks the creation of a building, as the consumer of notifications would. */
async function park({ id, admin }: TestTenant, code: string): Promise<Shown> {
  await admin.run(`mutation ($code: String!) { createBuilding(input: { code: $code, name: "House" }) { building { id } } }`, { code });
  await weft.weft.worker.idle();
  await owner`insert into events.parked (tenant_id, consumer, event_id, position, attempts)
    select p.tenant_id, 'notifications', p.event_id, p.position, 8 from events.positions p join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id
     where p.tenant_id = ${id} and l.type = 'building.created' order by p.position desc limit 1`;
  const [parked] = await parkedOf(admin);
  if (!parked) throw new Error("The event was not parked.");
  return parked;
}

test("a parked event is listed with its event, and handled after a retry", async () => {
  const acme = await weft.tenant();
  const parked = await park(acme, "A");
  expect(parked).toMatchObject({
    consumer: "notifications",
    status: "PARKED",
    attempts: 8,
    event: { id: parked.eventId, type: "building.created" },
  });
  const answer = await acme.admin.run(retry, { input: { ids: [parked.id] } });
  expect(answer).toEqual({ retryParkedEvents: { parkedEvents: [{ id: parked.id, status: "RETRY" }] } });
  await weft.weft.worker.idle();
  expect(await parkedOf(acme.admin, { status: { eq: "DONE" } })).toMatchObject([{ id: parked.id }]);
  expect(await refusal(acme.admin, retry, [parked.id])).toBe("CONFLICT");
});

test("a skipped event is not handled, and can be retried later; both decisions are audited", async () => {
  const acme = await weft.tenant();
  const parked = await park(acme, "A");
  await acme.admin.run(skip, { input: { ids: [parked.id] } });
  await weft.weft.worker.idle();
  expect(await parkedOf(acme.admin, { consumer: { eq: "notifications" } })).toMatchObject([{ status: "SKIPPED" }]);
  expect(await refusal(acme.admin, skip, [parked.id])).toBe("CONFLICT");
  await acme.admin.run(retry, { input: { ids: [parked.id] } });
  await weft.weft.worker.idle();
  expect(await parkedOf(acme.admin)).toMatchObject([{ status: "DONE" }]);
  const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: object }[] } }>(
    `query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { action } } } }`,
    { id: parked.id },
  );
  expect(auditEntries.edges.map(({ node }) => node)).toEqual([{ action: "parkedEvent.retry" }, { action: "parkedEvent.skip" }]);
});

test("either all events are decided on, or none", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  const [mine, foreign] = [await park(acme, "A"), await park(globex, "A")];
  expect(await refusal(acme.admin, retry, [mine.id, foreign.id])).toBe("NOT_FOUND");
  expect(await refusal(acme.admin, skip, [])).toBe("BAD_USER_INPUT");
  expect(await parkedOf(acme.admin)).toMatchObject([{ id: mine.id, status: "PARKED" }]);
});

test("an event that opened an incident is decided on by resolving the incident", async () => {
  const acme = await weft.tenant();
  const parked = await park(acme, "A");
  await acme.definition(
    "weft: 1\nkey: simple\nname: Simple\ninitial: open\nstates:\n  open: { transitions: { finish: { to: done } } }\n  done: { final: completed }\n",
  );
  const { startWorkflow } = await acme.admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "simple" }) { instance { id } } }`,
  );
  const instanceId = decodeId("instance", startWorkflow.instance.id);
  const tenantId = acme.id;
  await owner`update events.parked set instance_id = ${instanceId} where tenant_id = ${tenantId}`;
  await owner`insert into workflows.incidents (tenant_id, id, instance_id, instance_version, kind, state, place, message, created_at)
    values (${tenantId}, gen_random_uuid(), ${instanceId}, 1, 'JOB', 'open', 'notifications', 'm', now())`;
  expect(await parkedOf(acme.admin)).toMatchObject([{ instanceId: startWorkflow.instance.id }]);
  expect(await refusal(acme.admin, retry, [parked.id])).toBe("CONFLICT");
});

test("only users with event.retry decide, and the event itself needs event.read", async () => {
  const acme = await weft.tenant();
  const parked = await park(acme, "A");
  const developer = await acme.user("developer");
  expect((await developer.refused(list)).extensions?.code).toBe("FORBIDDEN");
  expect(await refusal(developer, retry, [parked.id])).toBe("FORBIDDEN");
  const role = { key: "retrier", name: "Retrier", permissions: [{ permission: "event.retry", scope: "TENANT" }] };
  await acme.admin.run(`mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }`, { input: role });
  const retrier = await acme.user("retrier");
  expect(await parkedOf(retrier)).toMatchObject([{ id: parked.id, event: null }]);
});
