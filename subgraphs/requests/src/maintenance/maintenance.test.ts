import { decodeId } from "@weft/shared/ids";
import { setClock as setTenantClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { duePlans } from "./run/due-plans.js";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let place: Awaited<ReturnType<TestTenant["maintenance"]>>;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
});
beforeEach(async () => {
  acme = await weft.tenant();
  ({ admin } = acme);
  place = await acme.maintenance();
  await setClock("2026-03-02T08:00:00Z");
});

/** Sets the tenant's clock. The worker has not run in between, as after an outage. */
async function setClock(at: string): Promise<void> {
  await setTenantClock(sql, acme, at);
  await weft.weft.worker.idle();
}

interface Occurrence {
  readonly cause: string;
  readonly plannedAt: string;
  readonly total: string | null;
  readonly status: string;
  readonly message: string | null;
  readonly request: { readonly id: string } | null;
}
interface Plan {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly nextTotal: string | null;
  readonly nextAt: string | null;
  readonly nextOccurrences: { readonly plannedAt: string; readonly startsAt: string; readonly isSkipped: boolean }[];
}

const fields = `id name status version data priority dueIn tags cron every timeZone meterEvery meterLead nextTotal nextAt pauseReason failuresInRow
  requestType { key } building { id } asset { id } meter { id } owner { id } nextOccurrences(first: 4) { plannedAt startsAt isSkipped }`;
const create = `mutation ($input: CreateMaintenancePlanInput!) { createMaintenancePlan(input: $input) { plan { ${fields} } } }`;
const update = `mutation ($input: UpdateMaintenancePlanInput!) { updateMaintenancePlan(input: $input) { plan { ${fields} } } }`;
const pause = `mutation ($input: PauseMaintenancePlanInput!) { pauseMaintenancePlan(input: $input) { plan { ${fields} } } }`;
const resume = `mutation ($input: VersionedIdInput!) { resumeMaintenancePlan(input: $input) { plan { ${fields} } } }`;
const skip = `mutation ($input: SkipOccurrenceInput!) { skipOccurrence(input: $input) { plan { ${fields} } } }`;
const shift = `mutation ($input: ShiftOccurrenceInput!) { shiftOccurrence(input: $input) { plan { ${fields} } } }`;
const read = `query ($id: ID!) { maintenancePlan(id: $id) { ${fields}
  occurrences(first: 100) { totalCount edges { node { cause plannedAt total status message reason request { id } } } } } }`;

const template = <T extends object>(more: T = {} as T) => ({
  typeKey: "maintenance",
  data: { summary: "Inspect", estimate: 100 },
  assetId: place.assetId,
  ...more,
});

async function created(input: Record<string, unknown>, who = admin): Promise<Plan> {
  const base = { name: "Inspection", template: template(), timeZone: "Europe/Vienna" };
  const result = await who.run<{ createMaintenancePlan: { plan: Plan } }>(create, { input: { ...base, ...input } });
  return result.createMaintenancePlan.plan;
}

async function readBack(id: string): Promise<Plan & { occurrences: Occurrence[] }> {
  await weft.weft.worker.idle();
  const { maintenancePlan } = await admin.run<{ maintenancePlan: Plan & { occurrences: { edges: { node: Occurrence }[] } } }>(read, { id });
  return { ...maintenancePlan, occurrences: maintenancePlan.occurrences.edges.map(({ node }) => node).toReversed() };
}
/** Times of the calendar, or totals of the meter, with their status. */
const statuses = async (id: string): Promise<string[]> =>
  (await readBack(id)).occurrences.map(({ plannedAt, total, status }) => `${total ?? plannedAt.slice(0, 16)} ${status}`);
const requestsOf = async (id: string): Promise<string[]> =>
  (await readBack(id)).occurrences.flatMap(({ request }) => (request ? [request.id] : []));

const problemOf = async (query: string, input: object): Promise<unknown> =>
  (await admin.refused(query, { input })).extensions?.["problems"];

async function meter(): Promise<string> {
  const input = { assetId: place.assetId, name: "Hours", unit: "h", kind: "CUMULATIVE" };
  const { createMeter } = await admin.run<{ createMeter: { meter: { id: string } } }>(
    "mutation ($input: CreateMeterInput!) { createMeter(input: $input) { meter { id } } }",
    { input },
  );
  return createMeter.meter.id;
}
async function recorded(meterId: string, value: string): Promise<string> {
  const { recordMeterReading } = await admin.run<{ recordMeterReading: { reading: { id: string } } }>(
    "mutation ($input: RecordMeterReadingInput!) { recordMeterReading(input: $input) { reading { id } } }",
    { input: { meterId, value } },
  );
  await weft.weft.worker.idle();
  return recordMeterReading.reading.id;
}
const corrected = async (readingId: string, value: string): Promise<void> => {
  await admin.run("mutation ($input: CorrectMeterReadingInput!) { correctMeterReading(input: $input) { reading { id } } }", {
    input: { readingId, value, reason: "Misread" },
  });
  await weft.weft.worker.idle();
};

let rooms = 0;
/** Creates a room, and returns its ID. */
async function room(buildingId = place.buildingId): Promise<string> {
  const { createSpace } = await admin.run<{ createSpace: { space: { id: string } } }>(
    "mutation ($input: CreateSpaceInput!) { createSpace(input: $input) { space { id } } }",
    { input: { buildingId, kind: "ROOM", code: `R${++rooms}`, name: "Machine room" } },
  );
  return createSpace.space.id;
}

/** Uploads a text file. Returns its ID. */
async function stored(name: string): Promise<string> {
  const { createUpload } = await admin.run<{ createUpload: { file: { id: string }; url: string } }>(
    "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }",
    { input: { name, size: 5 } },
  );
  expect((await fetch(new URL(createUpload.url, weft.url), { method: "PUT", body: "check" })).status).toBe(200);
  return createUpload.file.id;
}

describe("by the calendar", () => {
  test("each planned time creates one request, which inherits every field and file of the template", { tags: "slow" }, async () => {
    const given = template({
      data: { summary: "Inspect the ropes", estimate: 120 },
      buildingId: place.buildingId,
      spaceId: await room(),
      priority: "HIGH",
      dueIn: "P2D",
      tags: ["Safety", "yearly"],
    });
    const plan = await created({ cron: "0 9 * * *", template: given });
    const { __type } = await admin.run<{ __type: { inputFields: { name: string }[] } }>(
      '{ __type(name: "MaintenanceTemplateInput") { inputFields { name } } }',
    );
    // A field that is added to templates is compared here, too.
    expect(Object.keys(given).toSorted()).toEqual(__type.inputFields.map(({ name }) => name).toSorted());
    const files = [await stored("checklist.txt"), await stored("prices.txt")];
    for (const [index, fileId] of files.entries())
      await admin.run("mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }", {
        input: { fileId, objectId: plan.id, visibility: index === 0 ? "SHARED" : "INTERNAL" },
      });
    await setClock("2026-03-03T08:00:30Z");
    const [id] = await requestsOf(plan.id);
    const { request } = await admin.run<{ request: object }>(
      `query ($id: ID!) { request(id: $id) { type { key } data building { id } asset { id } space { id } priority dueAt tags workflow { state owner { id } }
         attachments { edges { node { visibility file { id name } } } } } }`,
      { id },
    );
    expect(request).toEqual({
      type: { key: "maintenance" },
      data: given.data,
      building: { id: place.buildingId },
      asset: { id: place.assetId },
      space: { id: given.spaceId },
      priority: "HIGH",
      dueAt: "2026-03-05T08:00:00.000Z",
      tags: ["safety", "yearly"],
      workflow: { state: "triage", owner: { id: admin.id } },
      attachments: {
        edges: [
          { node: { visibility: "INTERNAL", file: { id: files[1], name: "prices.txt" } } },
          { node: { visibility: "SHARED", file: { id: files[0], name: "checklist.txt" } } },
        ],
      },
    });
    await setClock("2026-03-04T08:00:30Z");
    expect(await statuses(plan.id)).toEqual(["2026-03-03T08:00 GENERATED", "2026-03-04T08:00 GENERATED"]);
  });

  test("requests have the checklists of the tasks of their type, as those of users have", { tags: "slow" }, async () => {
    await acme.definition(`weft: 1
key: inspection
name: Inspection
data: { type: object, properties: { estimate: { type: number }, summary: { type: string } } }
initial: draft
states:
  draft: { transitions: { submit: { to: open }, cancel: { to: closed } } }
  open: { task: { title: Inspect, candidates: { roles: [operations] }, checklist: [Look at the ropes, Test the brake] }, transitions: { close: { to: closed } } }
  closed: { final: completed }
`);
    await admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
      input: { key: "inspection", name: "Inspection", definitionKey: "inspection", numberPrefix: "IN" },
    });
    const plan = await created({ cron: "0 9 * * *", template: template({ typeKey: "inspection" }) });
    await setClock("2026-03-03T08:00:30Z");
    const [id] = await requestsOf(plan.id);
    const { request } = await admin.run<{ request: object }>(
      "query ($id: ID!) { request(id: $id) { workflow { tasks { checklist { title isDone } } } } }",
      { id },
    );
    const items = ["Look at the ropes", "Test the brake"].map((title) => ({ title, isDone: false }));
    expect(request).toEqual({ workflow: { tasks: [{ checklist: items }] } });
  });

  test("plans follow their asset to another building, and their requests are about its space", { tags: "slow" }, async () => {
    const plan = await created({ cron: "0 9 * * *", timeZone: "UTC", template: template({ spaceId: await room() }) });
    const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
      'mutation { createBuilding(input: { code: "ANNEX", name: "Annex" }) { building { id } } }',
    );
    const { id: buildingId } = createBuilding.building;
    await admin.run("mutation ($input: TransferAssetInput!) { transferAsset(input: $input) { asset { id } } }", {
      input: { id: place.assetId, buildingId },
    });
    const spaceId = await room(buildingId);
    await admin.run("mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }", {
      input: { id: place.assetId, spaceId },
    });
    await setClock("2026-03-02T09:00:30Z");
    const [id] = await requestsOf(plan.id);
    expect(await admin.run("query ($id: ID!) { request(id: $id) { building { id } space { id } } }", { id })).toEqual({
      request: { building: { id: buildingId }, space: { id: spaceId } },
    });
  });

  test(
    "the local time stays the same when the clocks change, months without the 31st are skipped, and leap days are found",
    { tags: "slow" },
    async () => {
      const times = async (cron: string) => (await created({ cron })).nextOccurrences.map(({ plannedAt }) => plannedAt.slice(0, 16));
      await setClock("2026-03-27T12:00:00Z");
      expect(await times("30 2 * * *")).toEqual(["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30", "2026-03-31T00:30"]);
      expect(await times("0 8 31 * *")).toEqual(["2026-03-31T06:00", "2026-05-31T06:00", "2026-07-31T06:00", "2026-08-31T06:00"]);
      expect(await times("0 8 29 2 *")).toEqual(["2028-02-29T07:00", "2032-02-29T07:00", "2036-02-29T07:00", "2040-02-29T07:00"]);
      const plan = await created({ cron: "30 2 * * *" });
      for (const at of ["2026-03-28T01:30:10Z", "2026-03-29T01:00:10Z", "2026-03-30T00:30:10Z"]) await setClock(at);
      expect(await statuses(plan.id)).toEqual(["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"].map((at) => `${at} GENERATED`));
    },
  );

  test("requests are created once when the clocks go back, and never in a month without the planned day", { tags: "slow" }, async () => {
    const monthly = await created({ cron: "0 8 31 * *" });
    for (const at of ["2026-03-31T06:00:30Z", "2026-04-30T06:00:30Z", "2026-05-01T06:00:30Z", "2026-05-31T06:00:30Z"]) await setClock(at);
    expect(await statuses(monthly.id)).toEqual(["2026-03-31T06:00 GENERATED", "2026-05-31T06:00 GENERATED"]);
    await admin.run(pause, { input: { id: monthly.id, reason: "Enough" } });
    await setClock("2026-10-24T12:00:00Z");
    const nightly = await created({ cron: "30 2 * * *" });
    for (const at of ["2026-10-25T00:30:30Z", "2026-10-25T01:30:30Z", "2026-10-26T01:30:30Z"]) await setClock(at);
    expect(await statuses(nightly.id)).toEqual(["2026-10-25T00:30 GENERATED", "2026-10-26T01:30 GENERATED"]);
  });

  test("a skipped or a shifted occurrence does not change the rhythm of the series", { tags: "slow" }, async () => {
    const plan = await created({ cron: "0 9 * * *", timeZone: "UTC" });
    const decide = { planId: plan.id, reason: "Holiday" };
    await admin.run(skip, { input: { ...decide, plannedAt: "2026-03-02T09:00:00Z" } });
    await admin.run(shift, { input: { ...decide, plannedAt: "2026-03-03T09:00:00Z", to: "2026-03-03T15:00:00Z" } });
    await admin.run(shift, { input: { ...decide, plannedAt: "2026-03-04T09:00:00Z", to: "2026-03-04T01:00:00Z" } });
    expect((await readBack(plan.id)).nextOccurrences).toMatchObject([
      { plannedAt: "2026-03-02T09:00:00.000Z", isSkipped: true },
      { plannedAt: "2026-03-03T09:00:00.000Z", startsAt: "2026-03-03T15:00:00.000Z" },
      { plannedAt: "2026-03-04T09:00:00.000Z", startsAt: "2026-03-04T01:00:00.000Z" },
      { plannedAt: "2026-03-05T09:00:00.000Z", startsAt: "2026-03-05T09:00:00.000Z", isSkipped: false },
    ]);
    await setClock("2026-03-03T14:59:00Z");
    expect(await requestsOf(plan.id)).toHaveLength(0);
    await setClock("2026-03-03T15:00:30Z");
    expect(await requestsOf(plan.id)).toHaveLength(1);
    await setClock("2026-03-04T01:00:30Z");
    await setClock("2026-03-05T09:00:30Z");
    expect(await statuses(plan.id)).toEqual([
      "2026-03-02T09:00 SKIPPED",
      ...["2026-03-03T09:00", "2026-03-04T09:00", "2026-03-05T09:00"].map((at) => `${at} GENERATED`),
    ]);
  });

  test("a decision about a time that is not planned, or that would change the order, is refused", async () => {
    const plan = await created({ cron: "0 9 * * *", timeZone: "UTC" });
    const decide = { planId: plan.id, reason: "Holiday" };
    expect(await problemOf(skip, { ...decide, plannedAt: "2026-03-03T10:00:00Z" })).toEqual([
      {
        path: "input.plannedAt",
        message: "Nothing is planned at 2026-03-03T10:00:00.000Z. The next planned time is 2026-03-04T09:00:00.000Z.",
      },
    ]);
    const of = { ...decide, plannedAt: "2026-03-03T09:00:00Z" };
    expect(await problemOf(shift, { ...of, to: "2026-03-04T09:00:00Z" })).toMatchObject([{ path: "input.to" }]);
    expect(await problemOf(shift, { ...of, to: "2026-03-02T08:30:00Z" })).toMatchObject([{ path: "input.to" }]);
    expect(await problemOf(shift, { ...of, to: "2026-03-01T08:30:00Z" })).toMatchObject([{ path: "input.to" }]);
    expect(await problemOf(skip, decide)).toMatchObject([{ path: "input.plannedAt" }]);
    await admin.run(skip, { input: of });
    expect(await problemOf(skip, of)).toMatchObject([
      { path: "input.plannedAt", message: expect.stringContaining("SKIPPED already") as unknown },
    ]);
  });

  test(
    "after an outage of 48 hours, the policy decides which of the missed times create requests, in order",
    { tags: "slow" },
    async () => {
      const every = { cron: "0 9 * * *", timeZone: "UTC" };
      const [once, all, none] = [
        await created({ ...every, missedRuns: "RUN_ONCE" }),
        await created({ ...every, missedRuns: "RUN_ALL" }),
        await created({ ...every, missedRuns: "SKIP" }),
      ];
      await setClock("2026-03-04T10:00:00Z");
      const days = ["2026-03-02T09:00", "2026-03-03T09:00", "2026-03-04T09:00"];
      expect(await statuses(once.id)).toEqual([`${days[0]} MISSED`, `${days[1]} MISSED`, `${days[2]} GENERATED`]);
      expect(await statuses(all.id)).toEqual(days.map((at) => `${at} GENERATED`));
      expect(await statuses(none.id)).toEqual(days.map((at) => `${at} MISSED`));
    },
  );

  test("several workers at the same time create each request once", { tags: "slow" }, async () => {
    const plans = [await created({ cron: "0 9 * * *", timeZone: "UTC" }), await created({ cron: "0 9 * * *", timeZone: "UTC" })];
    const { databases, pubsub, keyring, log } = weft.weft.services;
    const sources = Array.from({ length: 4 }, () => duePlans({ databases, pubsub, keyring, log }));
    await sql`update identity.tenants set clock_offset_ms = clock_offset_ms + 3600 * 1000 + 1000 where tenant_id = ${acme.id}`;
    await Promise.all(sources.map((source) => source.run(acme.id, 10, new AbortController().signal)));
    for (const { id } of plans) expect(await statuses(id)).toEqual(["2026-03-02T09:00 GENERATED"]);
    const [row] = await sql<{ count: number }[]>`select count(*)::int as count from requests.requests where tenant_id = ${acme.id}`;
    expect(row?.count).toBe(2);
  });
});

describe("by a meter", () => {
  test("each planned total creates one request with its lead, also if the meter is corrected downwards", { tags: "slow" }, async () => {
    const meterId = await meter();
    await recorded(meterId, "100");
    const plan = await created({ meter: { meterId, every: "500", lead: "50" } });
    expect(plan).toMatchObject({ nextTotal: "600", meterEvery: "500", meterLead: "50", nextAt: null, nextOccurrences: [] });
    await setClock("2026-03-03T08:00:00Z");
    await recorded(meterId, "549.999999");
    expect(await statuses(plan.id)).toEqual([]);
    await setClock("2026-03-04T08:00:00Z");
    const reading = await recorded(meterId, "550");
    expect(await statuses(plan.id)).toEqual(["600 GENERATED"]);
    await corrected(reading, "549.999999");
    await setClock("2026-03-05T08:00:00Z");
    await recorded(meterId, "620");
    expect(await statuses(plan.id)).toEqual(["600 GENERATED"]);
    await setClock("2026-03-06T08:00:00Z");
    await recorded(meterId, "2700");
    const { occurrences, nextTotal } = await readBack(plan.id);
    expect(occurrences.map(({ total, cause }) => `${cause} ${total}`)).toEqual(["METER 600", "METER 1100"]);
    expect(nextTotal).toBe("3100");
  });

  test(
    "by whichever comes first: the meter takes the place of the next planned time, and counts from the calendar's requests",
    { tags: "slow" },
    async () => {
      const meterId = await meter();
      await recorded(meterId, "0");
      const plan = await created({ cron: "0 9 1 * *", timeZone: "UTC", meter: { meterId, every: "500" } });
      await setClock("2026-03-10T08:00:00Z");
      await recorded(meterId, "500");
      expect(await readBack(plan.id)).toMatchObject({ nextTotal: "1000", nextAt: "2026-05-01T09:00:00.000Z" });
      await setClock("2026-04-01T09:00:30Z");
      await recorded(meterId, "700");
      await setClock("2026-05-01T09:00:30Z");
      expect(await statuses(plan.id)).toEqual(["500 GENERATED", "2026-04-01T09:00 SKIPPED", "2026-05-01T09:00 GENERATED"]);
      expect(await readBack(plan.id)).toMatchObject({ nextTotal: "1200" });
    },
  );

  test("a planned total can be skipped", async () => {
    const meterId = await meter();
    const plan = await created({ meter: { meterId, every: "500" } });
    const input = { planId: plan.id, reason: "Just overhauled" };
    expect(await problemOf(skip, { ...input, total: "400" })).toMatchObject([{ path: "input.total" }]);
    expect(await admin.run(skip, { input: { ...input, total: "500" } })).toMatchObject({ skipOccurrence: { plan: { nextTotal: "1000" } } });
    await recorded(meterId, "600");
    expect(await statuses(plan.id)).toEqual(["500 SKIPPED"]);
  });
});

describe("plans", () => {
  test(
    "are paused and resumed; a paused plan creates nothing, and planned times of the pause are not made up for",
    { tags: "slow" },
    async () => {
      const plan = await created({ cron: "0 9 * * *", timeZone: "UTC" });
      await admin.run(pause, { input: { id: plan.id, reason: "Renovation", expectedVersion: 1 } });
      await setClock("2026-03-04T08:00:00Z");
      expect(await readBack(plan.id)).toMatchObject({ status: "PAUSED", pauseReason: "Renovation", occurrences: [], nextAt: null });
      expect(await admin.refusal(pause, { input: { id: plan.id, reason: "Again" } })).toBe("CONFLICT");
      await admin.run(resume, { input: { id: plan.id } });
      await setClock("2026-03-04T09:00:30Z");
      expect(await statuses(plan.id)).toEqual(["2026-03-04T09:00 GENERATED"]);
    },
  );

  test(
    "that are resumed keep an occurrence that was shifted beyond the pause, and skip one that was shifted into it",
    { tags: "slow" },
    async () => {
      const plan = await created({ cron: "0 9 * * *", timeZone: "UTC" });
      const decide = { planId: plan.id, reason: "Holiday" };
      await admin.run(shift, { input: { ...decide, plannedAt: "2026-03-02T09:00:00Z", to: "2026-03-02T12:00:00Z" } });
      await admin.run(shift, { input: { ...decide, plannedAt: "2026-03-03T09:00:00Z", to: "2026-03-03T20:00:00Z" } });
      await admin.run(pause, { input: { id: plan.id, reason: "Renovation" } });
      await setClock("2026-03-03T10:00:00Z");
      await admin.run(resume, { input: { id: plan.id } });
      expect((await readBack(plan.id)).nextAt).toBe("2026-03-03T20:00:00.000Z");
      await setClock("2026-03-03T20:00:30Z");
      expect(await statuses(plan.id)).toEqual(["2026-03-02T09:00 SKIPPED", "2026-03-03T09:00 GENERATED"]);
      expect((await readBack(plan.id)).nextAt).toBe("2026-03-04T09:00:00.000Z");
    },
  );

  test("that are active keep what they use from being deleted or deactivated", async () => {
    const spaceId = await room();
    const meterId = await meter();
    const plan = await created({ cron: "0 9 * * *", template: template({ spaceId }), meter: { meterId, every: "500" } });
    const attempts: [string, Record<string, unknown>][] = [
      ["mutation ($id: ID!) { deleteAsset(input: { id: $id }) { id } }", { id: place.assetId }],
      ["mutation ($id: ID!) { deleteSpace(input: { id: $id }) { id } }", { id: spaceId }],
      ["mutation ($id: ID!) { deleteBuilding(input: { id: $id }) { id } }", { id: place.buildingId }],
      ["mutation ($id: ID!) { deactivateRequestType(input: { id: $id }) { requestType { id } } }", { id: place.typeId }],
      ["mutation ($id: ID!) { updateMeter(input: { id: $id, status: INACTIVE }) { meter { id } } }", { id: meterId }],
    ];
    for (const [mutation, variables] of attempts)
      expect((await admin.refused(mutation, variables)).extensions).toMatchObject({
        code: "CONFLICT",
        dependents: { maintenancePlans: 1 },
      });
    await admin.run(pause, { input: { id: plan.id, reason: "Sold" } });
    for (const [mutation, variables] of attempts.toReversed().filter(([text]) => !text.includes("deleteBuilding")))
      await admin.run(mutation, variables);
  });

  test("are changed by version, and belong to the user who changed them last", async () => {
    const plan = await created({ cron: "0 9 * * *", timeZone: "UTC" });
    const olga = await acme.user("operations");
    expect(await olga.refusal(update, { input: { id: plan.id, expectedVersion: 7, name: "Late" } })).toBe("CONFLICT");
    const { updateMaintenancePlan } = await olga.run<{ updateMaintenancePlan: { plan: object } }>(update, {
      input: { id: plan.id, expectedVersion: 1, name: "Service", cron: "0 10 * * *", template: template({ tags: ["new"] }) },
    });
    expect(updateMaintenancePlan.plan).toMatchObject({ name: "Service", version: 2, tags: ["new"], owner: { id: olga.id } });
    await setClock("2026-03-02T10:00:30Z");
    expect(await statuses(plan.id)).toEqual(["2026-03-02T10:00 GENERATED"]);
  });

  test("have the time zone of their building, unless they have one of their own", async () => {
    await admin.run('mutation ($id: ID!) { updateBuilding(input: { id: $id, timeZone: "America/New_York" }) { building { id } } }', {
      id: place.buildingId,
    });
    expect(await created({ cron: "0 9 * * *", timeZone: null })).toMatchObject({
      timeZone: "America/New_York",
      nextAt: "2026-03-02T14:00:00.000Z",
    });
    expect(await created({ cron: "0 9 * * *", timeZone: "UTC" })).toMatchObject({ timeZone: "UTC", nextAt: "2026-03-02T09:00:00.000Z" });
  });

  test("are refused with what is wrong in their template, calendar or meter", async () => {
    const refused = (input: object) => problemOf(create, { name: "P", cron: "0 9 * * *", template: template(), ...input });
    expect(await refused({ cron: null })).toMatchObject([{ path: "input.cron" }]);
    expect(await refused({ cron: "61 9 * * *" })).toMatchObject([{ path: "input.cron" }]);
    expect(await refused({ cron: null, every: "PT30M" })).toMatchObject([{ path: "input.every" }]);
    expect(await refused({ template: template({ typeKey: "maintenence" }) })).toMatchObject([{ path: "input.template.typeKey" }]);
    expect(await refused({ template: template({ data: { summary: "S" } }) })).toMatchObject([{ path: "input.template.data.estimate" }]);
    expect(await refused({ template: template({ dueIn: "soon" }) })).toMatchObject([{ path: "input.template.dueIn" }]);
    const meterId = await meter();
    expect(await refused({ meter: { meterId, every: "500", lead: "500" } })).toMatchObject([{ path: "input.meter.lead" }]);
    expect(await refused({ meter: { meterId, every: "0" } })).toMatchObject([{ path: "input.meter.every" }]);
  });

  test("that fail five times in a row pause themselves, and say why", async () => {
    const olga = await acme.user("operations");
    const plan = await created({ cron: "0 9 * * *", timeZone: "UTC" }, olga);
    await sql`update identity.users set status = 'DISABLED' where tenant_id = ${acme.id} and id = ${decodeId("user", olga.id)}`;
    for (const day of ["02", "03", "04", "05", "06"]) await setClock(`2026-03-${day}T09:00:30Z`);
    const { occurrences, ...rest } = await readBack(plan.id);
    expect(rest).toMatchObject({ status: "PAUSED", failuresInRow: 5 });
    expect(occurrences.map(({ status, message }) => `${status}: ${message}`)).toEqual(
      Array.from({ length: 5 }, () => "FAILED: The owner of the maintenance plan is no longer active."),
    );
    // The owner can no longer act, so the users who can change plans are told.
    const { notifications } = await admin.run<{ notifications: { edges: { node: object }[] } }>(
      "{ notifications(first: 5) { edges { node { kind title subject { __typename } } } } }",
    );
    expect(notifications.edges.map(({ node }) => node)).toEqual([
      {
        kind: "MAINTENANCE_FAILED",
        title: "A maintenance plan was paused after failures: Inspection",
        subject: { __typename: "MaintenancePlan" },
      },
    ]);
  });

  test("need the permissions of a plan, and those of its requests", async () => {
    const [viewer, requester] = [await acme.user("viewer"), await acme.user("requester")];
    const plan = await created({ cron: "0 9 * * *" });
    expect(await viewer.run(read, { id: plan.id })).toMatchObject({ maintenancePlan: { id: plan.id } });
    const input = { name: "P", cron: "0 9 * * *", template: template() };
    for (const user of [viewer, requester]) expect(await user.refusal(create, { input })).toBe("FORBIDDEN");
    expect(await requester.refusal(read, { id: plan.id })).toBe("FORBIDDEN");
  });

  test("of another tenant do not exist", async () => {
    const plan = await created({ cron: "0 9 * * *" });
    const other = (await weft.tenant()).admin;
    expect(await other.refusal(read, { id: plan.id })).toBe("NOT_FOUND");
    expect(await other.refusal(update, { input: { id: plan.id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await other.refusal(pause, { input: { id: plan.id, reason: "Mine" } })).toBe("NOT_FOUND");
    expect(await other.refusal(skip, { input: { planId: plan.id, plannedAt: "2026-03-03T08:00:00Z", reason: "Mine" } })).toBe("NOT_FOUND");
    expect(await other.run("{ maintenancePlans { totalCount } }", {})).toEqual({ maintenancePlans: { totalCount: 0 } });
  });
});
