import { aPlanningTenant, aProject, aTask, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;
let mia: TestUser;
let vendor: { id: string; user: TestUser };

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aPlanningTenant(weft);
  admin = acme.admin;
  mia = await acme.user("workflow_manager");
  vendor = await acme.vendor("Bright");
});

const buckets = "plannedMinutes buckets { startsOn plannedMinutes capacityMinutes isOverallocated }";
const args = "from: $from, until: $until, per: $per";
const ofProject = `query ($id: ID!, $from: String!, $until: String!, $per: WorkloadPeriod) {
  projectWorkload(projectId: $id, ${args}) { user { id } vendor { id } ${buckets} } }`;
const ofUser = `query ($id: ID!, $from: String!, $until: String!, $per: WorkloadPeriod) { userWorkload(userId: $id, ${args}) { user { id } ${buckets} } }`;
const ofVendor = `query ($id: ID!, $from: String!, $until: String!, $per: WorkloadPeriod) { vendorWorkload(vendorId: $id, ${args}) { vendor { id } ${buckets} } }`;

const week = { from: "2026-03-02", until: "2026-03-08", per: "DAY" };

interface Load {
  readonly buckets: readonly { readonly plannedMinutes: number; readonly isOverallocated: boolean }[];
}
const minutesOf = ({ buckets: found }: Load): number[] => found.map(({ plannedMinutes }) => plannedMinutes);

/** A project from Monday, whose tasks are done at the same time. */
async function aHouse(...tasks: readonly (readonly [name: string, more: object])[]): Promise<string> {
  const id = await aProject(admin);
  await admin.run("mutation ($input: UpdateProjectPlanInput!) { updateProjectPlan(input: $input) { plan { version } } }", {
    input: { projectId: id, startAt: "2026-03-02T09:00:00Z" },
  });
  for (const [name, more] of tasks) await aTask(admin, id, name, more);
  return id;
}

describe("the workload of a project", () => {
  test("has the minutes of each user and vendor, the capacity, and where there is too much", async () => {
    const id = await aHouse(
      ["Walls", { durationMinutes: 960, assigneeId: mia.id }],
      ["Floor", { assigneeId: mia.id, estimateMinutes: 120 }],
      ["Roof", { assigneeId: vendor.id, durationMinutes: 480 }],
      ["Paint", {}],
    );
    const { projectWorkload } = await admin.run<{
      projectWorkload: (Load & { user: { id: string } | null; vendor: { id: string } | null })[];
    }>(ofProject, { id, ...week });
    expect(projectWorkload.map((load) => [load.user?.id ?? load.vendor?.id, ...minutesOf(load)])).toEqual([
      [mia.id, 600, 480, 0, 0, 0, 0, 0],
      [vendor.id, 480, 0, 0, 0, 0, 0, 0],
      [undefined, 480, 0, 0, 0, 0, 0, 0],
    ]);
    expect(projectWorkload[0]).toMatchObject({
      plannedMinutes: 1080,
      buckets: [
        { startsOn: "2026-03-02", capacityMinutes: 480, isOverallocated: true },
        { startsOn: "2026-03-03", capacityMinutes: 480, isOverallocated: false },
        {},
        {},
        {},
        { startsOn: "2026-03-07", capacityMinutes: 0, isOverallocated: false },
        {},
      ],
    });
  });

  test("can be read by weeks", async () => {
    const id = await aHouse(["Walls", { durationMinutes: 3000, assigneeId: mia.id }]);
    const { projectWorkload } = await admin.run<{ projectWorkload: Load[] }>(ofProject, { id, ...week, until: "2026-03-15", per: "WEEK" });
    expect(projectWorkload[0]).toMatchObject({
      buckets: [
        { startsOn: "2026-03-02", plannedMinutes: 2400, capacityMinutes: 2400, isOverallocated: false },
        { startsOn: "2026-03-09", plannedMinutes: 600, capacityMinutes: 2400, isOverallocated: false },
      ],
    });
  });

  test.each([
    ["days that do not exist", { from: "2026-02-30" }, "from"],
    ["an end before the start", { until: "2026-03-01" }, "until"],
    ["too many buckets", { until: "2027-03-03" }, "until"],
  ])("refuses %s", async (_name, days, path) => {
    const error = await admin.refused(ofProject, { id: await aHouse(), ...week, ...days });
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
  });
});

describe("the workload of a user", () => {
  test("adds up all projects, with a bounded number of statements", { tags: "slow" }, async () => {
    const tom = await acme.user("operations");
    await aHouse(["Walls", { assigneeId: tom.id }]);
    const read = () => admin.run<{ userWorkload: Load }>(ofUser, { id: tom.id, ...week });
    expect(minutesOf((await read()).userWorkload)).toEqual([480, 0, 0, 0, 0, 0, 0]);
    const one = await weft.statementCount(read);
    for (let n = 0; n < 3; n++) await aHouse(["Roof", { assigneeId: tom.id, durationMinutes: 240 }]);
    await read();
    expect(await weft.statementCount(read)).toBe(one);
    expect((await read()).userWorkload.buckets[0]).toMatchObject({ plannedMinutes: 1200, isOverallocated: true });
  });

  test("counts only tasks that the viewer can see", async () => {
    const tom = await acme.user("operations");
    await aHouse(["Walls", { assigneeId: tom.id }]);
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "worker", name: "Worker", permissions: [{ permission: "projectTask.read", scope: "ASSIGNED" }] },
    });
    const worker = await acme.user("worker");
    const read = (who: TestUser) => who.run<{ userWorkload: Load }>(ofUser, { id: tom.id, ...week });
    expect(minutesOf((await read(worker)).userWorkload)[0]).toBe(0);
    expect(minutesOf((await read(tom)).userWorkload)[0]).toBe(480);
    expect(await (await acme.user("requester")).refusal(ofUser, { id: tom.id, ...week })).toBe("FORBIDDEN");
  });
});

describe("the workload of a vendor", () => {
  test("is shown to its own users, who see nothing of other workloads", async () => {
    const other = await acme.vendor("Other");
    const id = await aHouse(["Walls", { assigneeId: other.id }], ["Roof", { assigneeId: mia.id }]);
    const { vendorWorkload } = await other.user.run<{ vendorWorkload: Load }>(ofVendor, { id: other.id, ...week });
    expect(minutesOf(vendorWorkload)).toEqual([480, 0, 0, 0, 0, 0, 0]);
    expect(await other.user.refusal(ofVendor, { id: vendor.id, ...week })).toBe("NOT_FOUND");
    expect(await other.user.refusal(ofProject, { id, ...week })).toBe("FORBIDDEN");
    expect(await other.user.refusal(ofUser, { id: mia.id, ...week })).toBe("FORBIDDEN");
  });
});

test("another tenant sees nothing", async () => {
  const id = await aHouse();
  const globex = await aPlanningTenant(weft);
  expect(await globex.admin.refusal(ofProject, { id, ...week })).toBe("NOT_FOUND");
  expect(await globex.admin.refusal(ofUser, { id: mia.id, ...week })).toBe("NOT_FOUND");
  expect(await globex.admin.refusal(ofVendor, { id: vendor.id, ...week })).toBe("NOT_FOUND");
});
