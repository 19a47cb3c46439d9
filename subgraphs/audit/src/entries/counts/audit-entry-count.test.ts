import { sharedWeft, type SharedWeft, type TestUser } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

interface Count {
  readonly start: string;
  readonly entries: number;
  readonly occurrences: number;
  readonly refused: number;
  readonly failed: number;
}

const query = `query ($period: AuditPeriod, $interval: AuditInterval, $filter: AuditEntryFilter) {
  auditEntryCounts(period: $period, interval: $interval, filter: $filter) { start entries occurrences refused failed } }`;
const countsFor = async (user: TestUser, variables: Record<string, unknown>): Promise<readonly Count[]> =>
  (await user.run<{ auditEntryCounts: Count[] }>(query, variables)).auditEntryCounts;

const createBuilding = 'mutation ($code: String!) { createBuilding(input: { code: $code, name: "House" }) { building { id } } }';
const ofBuildings = { action: { eq: "building.create" } };

describe("counts of audit entries", () => {
  test("are those that the list shows, by day, with the days without entries", async () => {
    const { admin } = await weft.tenant();
    for (const code of ["A", "B", "C"]) await admin.run(createBuilding, { code });
    const counts = await countsFor(admin, { filter: ofBuildings, period: { timeZone: "UTC" } });
    expect(counts).toHaveLength(31);
    expect(counts.at(-1)).toMatchObject({ entries: 3, occurrences: 3, refused: 0, failed: 0 });
    expect(counts.slice(0, -1).every(({ entries }) => entries === 0)).toBe(true);
  });

  test("are by hour if asked", async () => {
    const { admin } = await weft.tenant();
    await admin.run(createBuilding, { code: "A" });
    const now = Date.now();
    const period = { from: new Date(now - 3 * 3_600_000).toISOString(), to: new Date(now + 60_000).toISOString() };
    const counts = await countsFor(admin, { filter: ofBuildings, interval: "HOUR", period });
    expect(counts.reduce((sum, { entries }) => sum + entries, 0)).toBe(1);
    const starts = counts.slice(1).map(({ start }) => Date.parse(start));
    expect(starts.every((start, index) => index === 0 || start - (starts[index - 1] ?? 0) === 3_600_000)).toBe(true);
    expect(starts.every((start) => start % 3_600_000 === 0)).toBe(true);
  });

  test("begin days in the time zone, also where the clocks change", async () => {
    const { admin } = await weft.tenant();
    const period = { from: "2026-03-28T00:00:00Z", to: "2026-03-31T00:00:00Z", timeZone: "Europe/Zurich" };
    expect((await countsFor(admin, { period })).map(({ start }) => start)).toEqual([
      "2026-03-28T00:00:00.000Z",
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
      "2026-03-30T22:00:00.000Z",
    ]);
  });

  test("of another tenant are not among them", async () => {
    const [acme, globex] = [await weft.tenant(), await weft.tenant()];
    await acme.admin.run(createBuilding, { code: "A" });
    expect((await countsFor(globex.admin, { filter: ofBuildings })).every(({ entries }) => entries === 0)).toBe(true);
  });

  test("need the permission to read the trail", async () => {
    const acme = await weft.tenant();
    expect(await (await acme.user("requester")).refusal(query, {})).toBe("FORBIDDEN");
  });

  test("by hour are refused for a long period, and the problem names the argument", async () => {
    const { admin } = await weft.tenant();
    const pathOf = async (variables: Record<string, unknown>) =>
      ((await admin.refused(query, variables)).extensions?.["problems"] as { path: string }[] | undefined)?.[0]?.path;
    expect(await pathOf({ interval: "HOUR", period: { from: "2026-01-01T00:00:00Z", to: "2026-03-01T00:00:00Z" } })).toBe("period.from");
    expect(await pathOf({ period: { timeZone: "Mars" } })).toBe("period.timeZone");
  });
});

describe("filters that read much", () => {
  const list = "query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { edges { node { entityId } } } }";
  const change = "mutation ($id: ID!, $name: String) { updateBuilding(input: { id: $id, name: $name }) { building { id } } }";

  test("find the changes of a field, and words", async () => {
    const { admin } = await weft.tenant();
    const { createBuilding: made } = await admin.run<{ createBuilding: { building: { id: string } } }>(createBuilding, { code: "A" });
    const { id } = made.building;
    await admin.run(change, { id, name: "Lighthouse" });
    const found = async (filter: object) =>
      (await admin.run<{ auditEntries: { edges: unknown[] } }>(list, { filter: { entityId: { eq: id }, ...filter } })).auditEntries.edges
        .length;
    expect(await found({ changed: { eq: "name" } })).toBe(1);
    expect(await found({ changed: { eq: "code" } })).toBe(0);
    expect(await found({ changed: { in: ["code", "name"] } })).toBe(1);
    expect(await found({ text: { contains: "lighthouse update" } })).toBe(1);
    expect(await found({ text: { contains: "castle" } })).toBe(0);
  });

  test("are refused without another condition, also within others", async () => {
    const { admin } = await weft.tenant();
    const at = { gte: new Date(Date.now() - 3_600_000).toISOString() };
    expect(await admin.refusal(list, { filter: { changed: { eq: "name" } } })).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(list, { filter: { or: [{ at, text: { contains: "a" } }, { text: { contains: "b" } }] } })).toBe(
      "BAD_USER_INPUT",
    );
    await admin.run(list, { filter: { at, or: [{ text: { contains: "a" } }] } });
  });
});
