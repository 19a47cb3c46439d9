import { decodeId } from "@weft/shared/ids";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let olga: TestUser;
let owner: postgres.Sql;
let place: Awaited<ReturnType<TestTenant["maintenance"]>>;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  place = await acme.maintenance();
  olga = await acme.user("operations");
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});

afterAll(async () => {
  await owner.end();
});

const columns = "id name unit kind status above below every version latestReading { value total }";
const create = `mutation ($input: CreateMeterInput!) { createMeter(input: $input) { meter { ${columns} asset { id } } } }`;
const update = `mutation ($input: UpdateMeterInput!) { updateMeter(input: $input) { meter { ${columns} } } }`;
const readingColumns = "id value total readAt isReset note isValid reason recordedBy { id } replaces { id value isValid }";
const record = `mutation ($input: RecordMeterReadingInput!) { recordMeterReading(input: $input) { reading { ${readingColumns} } meter { latestReading { total } } } }`;
const correct = `mutation ($input: CorrectMeterReadingInput!) { correctMeterReading(input: $input) { reading { ${readingColumns} } } }`;
const read = `query ($id: ID!) { meter(id: $id) { ${columns} readings(first: 50) { totalCount edges { node { value total isValid } } } } }`;

interface Reading {
  readonly id: string;
  readonly value: string;
  readonly total: string;
  readonly isValid: boolean;
}

let count = 0;
async function meter(input: object = {}): Promise<string> {
  const all = { assetId: place.assetId, name: `Meter ${++count}`, unit: "h", kind: "CUMULATIVE", ...input };
  const { createMeter } = await olga.run<{ createMeter: { meter: { id: string } } }>(create, { input: all });
  return createMeter.meter.id;
}

/** A time of some days ago. */
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

async function recorded(meterId: string, value: string, input: object = {}): Promise<Reading> {
  const { recordMeterReading } = await olga.run<{ recordMeterReading: { reading: Reading } }>(record, {
    input: { meterId, value, ...input },
  });
  return recordMeterReading.reading;
}

const problemOf = async (query: string, input: object): Promise<unknown> => (await olga.refused(query, { input })).extensions?.["problems"];

/** Totals of the valid readings, the last recorded first. */
async function totals(id: string): Promise<string[]> {
  const { meter: found } = await olga.run<{ meter: { readings: { edges: { node: Reading }[] } } }>(read, { id });
  return found.readings.edges.flatMap(({ node }) => (node.isValid ? [node.total] : []));
}

/** Kinds and thresholds of the threshold events of a meter, in order. */
async function reached(id: string): Promise<string[]> {
  const rows = await owner<{ what: string }[]>`
    select concat(payload->>'kind', ' ', payload->>'threshold') as what from events.log
     where tenant_id = ${acme.id} and subject_id = ${decodeId("meter", id)} and type = 'meter.threshold_reached' order by id`;
  return rows.map(({ what }) => what);
}

describe("meters", () => {
  test("belong to an asset, and are changed by version", async () => {
    const given = { name: "Hours", unit: "h", kind: "CUMULATIVE", every: "500" };
    const { createMeter } = await olga.run<{ createMeter: { meter: { id: string } } }>(create, {
      input: { assetId: place.assetId, ...given },
    });
    expect(createMeter.meter).toMatchObject({ ...given, asset: { id: place.assetId }, status: "ACTIVE", version: 1, latestReading: null });
    const { id } = createMeter.meter;
    expect(await olga.run(update, { input: { id, expectedVersion: 1, name: "Operating hours", every: null } })).toMatchObject({
      updateMeter: { meter: { name: "Operating hours", every: null, version: 2 } },
    });
    expect(await olga.refusal(update, { input: { id, expectedVersion: 1, name: "Late" } })).toBe("CONFLICT");
    const { asset } = await olga.run<{ asset: { meters: { id: string }[] } }>("query ($id: ID!) { asset(id: $id) { meters { id } } }", {
      id: place.assetId,
    });
    expect(asset.meters).toContainEqual({ id });
  });

  test("are refused with a taken name, or with thresholds that contradict each other", async () => {
    await meter({ name: "Taken" });
    const input = { assetId: place.assetId, name: "Taken", unit: "h", kind: "CUMULATIVE" };
    expect(await problemOf(create, input)).toEqual([{ path: "input.name", message: 'The asset has a meter named "Taken" already.' }]);
    expect(await problemOf(create, { ...input, name: "Other", kind: "GAUGE", above: "1", below: "2", every: "3" })).toMatchObject([
      { path: "input.below" },
      { path: "input.every" },
    ]);
    expect(await problemOf(create, { ...input, name: "Other", above: "1e3" })).toMatchObject([{ path: "input.above" }]);
  });
});

describe("readings", () => {
  test("of a cumulative meter never fall in the order of their times", async () => {
    const id = await meter();
    await recorded(id, "100", { readAt: daysAgo(10) });
    await recorded(id, "300.5", { readAt: daysAgo(2), note: "After the service" });
    expect(await recorded(id, "200", { readAt: daysAgo(5) })).toMatchObject({
      value: "200",
      total: "200",
      isValid: true,
      recordedBy: { id: olga.id },
    });
    const message: unknown = expect.stringMatching(/^The value is less than that of the reading before: 300\.5 h at /);
    expect(await problemOf(record, { meterId: id, value: "300.4" })).toEqual([{ path: "input.value", message }]);
    expect(await problemOf(record, { meterId: id, value: "201", readAt: daysAgo(6) })).toMatchObject([
      { path: "input.value", message: expect.stringMatching(/^The value is greater than that of the reading after: 200 h at /) as unknown },
    ]);
    expect(await olga.run(read, { id })).toMatchObject({ meter: { latestReading: { value: "300.5" }, readings: { totalCount: 3 } } });
  });

  test("of a gauge rise and fall", async () => {
    const id = await meter({ kind: "GAUGE", unit: "°C" });
    await recorded(id, "20", { readAt: daysAgo(2) });
    await recorded(id, "-5.25");
    expect(await totals(id)).toEqual(["-5.25", "20"]);
    expect(await problemOf(record, { meterId: id, value: "1", isReset: true })).toMatchObject([{ path: "input.isReset" }]);
  });

  test("are refused for the future, for the same time again, for an inactive meter, and if they are no number", async () => {
    const id = await meter();
    const readAt = daysAgo(1);
    await recorded(id, "1", { readAt });
    expect(await problemOf(record, { meterId: id, value: "2", readAt })).toMatchObject([{ path: "input.readAt" }]);
    expect(await problemOf(record, { meterId: id, value: "2", readAt: daysAgo(-1) })).toMatchObject([{ path: "input.readAt" }]);
    expect(await problemOf(record, { meterId: id, value: "two" })).toMatchObject([{ path: "input.value" }]);
    await olga.run(update, { input: { id, status: "INACTIVE" } });
    expect(await problemOf(record, { meterId: id, value: "2" })).toMatchObject([{ path: "input.meterId" }]);
  });

  test("are recorded once for an idempotency key, and one after the other if they arrive at once", async () => {
    const id = await meter();
    const input = { meterId: id, value: "7", idempotencyKey: "seven" };
    const first = await olga.run(record, { input });
    expect(await olga.run(record, { input })).toEqual(first);
    const at = daysAgo(0);
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => recorded(id, "8", { readAt: at })));
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await totals(id)).toEqual(["8", "7"]);
  });

  test("after another device was installed start anew, and the total continues", async () => {
    const id = await meter();
    await recorded(id, "900", { readAt: daysAgo(9) });
    await recorded(id, "0", { readAt: daysAgo(8), isReset: true });
    expect(await recorded(id, "50", { readAt: daysAgo(1) })).toMatchObject({ value: "50", total: "950" });
    // A late reading of the first device moves the totals of the second one.
    await recorded(id, "910", { readAt: daysAgo(8.5) });
    expect(await totals(id)).toEqual(["910", "960", "910", "900"]);
    expect(await problemOf(record, { meterId: id, value: "0", readAt: daysAgo(5), isReset: true })).toMatchObject([
      { path: "input.isReset" },
    ]);
  });
});

describe("corrections", () => {
  test("replace a wrong reading by a lower one, with a reason, and both stay readable", async () => {
    const id = await meter();
    await recorded(id, "100", { readAt: daysAgo(3) });
    const wrong = await recorded(id, "2000", { readAt: daysAgo(2) });
    const { correctMeterReading } = await olga.run<{ correctMeterReading: { reading: Reading } }>(correct, {
      input: { readingId: wrong.id, value: "200", reason: "A zero too many" },
    });
    expect(correctMeterReading.reading).toMatchObject({
      value: "200",
      reason: "A zero too many",
      isValid: true,
      replaces: { id: wrong.id, value: "2000", isValid: false },
    });
    expect(await totals(id)).toEqual(["200", "100"]);
    await recorded(id, "250");
    expect(await olga.refusal(correct, { input: { readingId: wrong.id, value: "150", reason: "Again" } })).toBe("CONFLICT");
    expect(await problemOf(correct, { readingId: correctMeterReading.reading.id, value: "99", reason: "x" })).toMatchObject([
      { path: "input.value" },
    ]);
    expect(await problemOf(correct, { readingId: correctMeterReading.reading.id, value: "251", reason: "x" })).toMatchObject([
      { path: "input.value" },
    ]);
  });

  test("of the last reading of a device, or of the first of the next, move the later totals", async () => {
    const id = await meter();
    const last = await recorded(id, "1000", { readAt: daysAgo(9) });
    const first = await recorded(id, "20", { readAt: daysAgo(8), isReset: true });
    await recorded(id, "50", { readAt: daysAgo(1) });
    expect(await totals(id)).toEqual(["1030", "1000", "1000"]);
    await olga.run(correct, { input: { readingId: last.id, value: "100", reason: "A zero too many" } });
    expect(await totals(id)).toEqual(["100", "130", "100"]);
    await olga.run(correct, { input: { readingId: first.id, value: "10", reason: "Misread" } });
    expect(await totals(id)).toEqual(["100", "100", "140"]);
  });
});

describe("thresholds", () => {
  test("cause an event when the newest total reaches them, once each time", async () => {
    const id = await meter({ above: "100", every: "50" });
    for (const [value, days] of [
      ["10", 9],
      ["49.9", 8],
      ["50", 7],
      ["99", 6],
      ["201", 5],
      ["202", 4],
    ] as const)
      await recorded(id, value, { readAt: daysAgo(days) });
    // Not the newest.
    await recorded(id, "201.5", { readAt: daysAgo(4.5) });
    await weft.weft.worker.idle();
    expect(await reached(id)).toEqual(["EVERY 50", "ABOVE 100", "EVERY 200"]);
  });

  test("of a gauge are reached from above and from below", async () => {
    const id = await meter({ kind: "GAUGE", above: "80", below: "5" });
    for (const [value, days] of [
      ["4", 9],
      ["3", 8],
      ["50", 7],
      ["80", 6],
      ["90", 5],
      ["5", 4],
    ] as const)
      await recorded(id, value, { readAt: daysAgo(days) });
    await weft.weft.worker.idle();
    expect(await reached(id)).toEqual(["BELOW 5", "ABOVE 80", "BELOW 5"]);
  });

  test("start workflows about the asset by triggers", async () => {
    await acme.definition(`weft: 1
key: inspection
name: Inspection
data: { properties: { meter: { type: string }, asset: { type: string }, total: { type: number } } }
initial: open
states: { open: { transitions: { finish: { to: done } } }, done: { final: completed } }
`);
    const { createTrigger } = await acme.admin.run<{ createTrigger: { trigger: { id: string } } }>(
      "mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }",
      {
        input: {
          name: "Inspect",
          eventType: "meter.threshold_reached",
          condition: "payload.kind == 'EVERY'",
          action: "START",
          definitionKey: "inspection",
          data: { meter: "payload.meterName", asset: "payload.assetName", total: "payload.total" },
        },
      },
    );
    expect(createTrigger.trigger.id).toMatch(/^trg_/);
    const id = await meter({ name: "Inspected", every: "500" });
    await recorded(id, "499", { readAt: daysAgo(2) });
    await recorded(id, "1001");
    await weft.weft.worker.idle();
    const { workflowInstances } = await acme.admin.run<{ workflowInstances: { edges: { node: object }[] } }>(
      "query ($id: ID!) { workflowInstances(filter: { subjectId: { eq: $id } }) { edges { node { data subject { id } } } } }",
      { id: place.assetId },
    );
    expect(workflowInstances.edges.map(({ node }) => node)).toEqual([
      { data: { meter: "Inspected", asset: "Elevator", total: 1001 }, subject: { id: place.assetId } },
    ]);
  });
});

test("a viewer reads meters, and neither changes them nor records readings", async () => {
  const id = await meter();
  const reading = await recorded(id, "1");
  const vera = await acme.user("viewer");
  expect(await vera.run(read, { id })).toMatchObject({ meter: { latestReading: { value: "1" } } });
  expect(await vera.refusal(update, { input: { id, name: "Mine" } })).toBe("FORBIDDEN");
  expect(await vera.refusal(record, { input: { meterId: id, value: "2" } })).toBe("FORBIDDEN");
  expect(await vera.refusal(correct, { input: { readingId: reading.id, value: "0", reason: "x" } })).toBe("FORBIDDEN");
});

describe("another tenant", () => {
  test("finds no meter, and no reading", async () => {
    const id = await meter();
    const reading = await recorded(id, "1");
    const { admin } = await weft.tenant("Globex");
    expect(await admin.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await admin.refusal(record, { input: { meterId: id, value: "2" } })).toBe("NOT_FOUND");
    expect(await admin.refusal(correct, { input: { readingId: reading.id, value: "0", reason: "x" } })).toBe("NOT_FOUND");
    const error = await admin.refused(create, { input: { assetId: place.assetId, name: "X", unit: "h", kind: "GAUGE" } });
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.assetId" }] });
  });
});
