import {
  advanceClock,
  aMaintenanceTenant,
  aProject,
  aTask,
  loadExampleDefinition,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const setAvailability = `mutation ($input: SetVendorAvailabilityInput!) { setVendorAvailability(input: $input) { vendor { version availability {
  calendar maxOpen perDay perWeek absences { fromDay untilDay reason } load { open today thisWeek } } } } }`;
const availability = "query ($id: ID!) { vendor(id: $id) { availability { maxOpen perDay perWeek absences { fromDay untilDay } } } }";
const load = "query ($id: ID!) { vendor(id: $id) { availability { load { open today thisWeek } } } }";
const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { assignee { __typename } } } }";
const setPlan = "mutation ($input: UpdateProjectPlanInput!) { updateProjectPlan(input: $input) { plan { version } } }";
const updateTask = "mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { id } } }";

let kit: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  kit = await sharedWeft();
  acme = await aMaintenanceTenant(kit);
});

/** Creates a vendor with the given availability. */
async function aVendor(input: Record<string, unknown>, { tenant, admin } = acme): Promise<{ id: string; user: TestUser }> {
  const vendor = await tenant.vendor("Northwind");
  await admin.run(setAvailability, { input: { id: vendor.id, ...input } });
  return vendor;
}

async function isAssigned(requestId: string, vendorId: string): Promise<boolean> {
  const { errors } = await acme.operations.send(assign, { input: { id: requestId, assignee: { vendorId } } });
  return errors === undefined;
}

async function refusal(vendorId: string, tenant = acme): Promise<unknown> {
  const { id } = await tenant.request();
  const { extensions } = await tenant.operations.refused(assign, { input: { id, assignee: { vendorId } } });
  expect(extensions?.code).toBe("BAD_USER_INPUT");
  return (extensions?.["problems"] as { message: string }[] | undefined)?.map(({ message }) => message);
}

/** Creates a project whose tasks start at a time. */
async function aProjectFrom(startAt: string, calendar: string | null = null): Promise<string> {
  const projectId = await aProject(acme.admin);
  await acme.admin.run(setPlan, { input: { projectId, startAt, calendar } });
  return projectId;
}

const openLoad = async (id: string, { admin } = acme) =>
  (await admin.run<{ vendor: { availability: { load: object } } }>(load, { id })).vendor.availability.load;

describe("the availability of a vendor", () => {
  it("is set in parts, with an audit entry, as changes of the vendor", async () => {
    const { id } = await acme.tenant.vendor("Northwind");
    const absences = [{ fromDay: "2030-08-01", untilDay: "2030-08-14", reason: "Holidays" }];
    expect(await acme.admin.run(setAvailability, { input: { id, expectedVersion: 1, maxOpen: 5, absences } })).toEqual({
      setVendorAvailability: {
        vendor: {
          version: 2,
          availability: {
            calendar: null,
            maxOpen: 5,
            perDay: null,
            perWeek: null,
            absences,
            load: { open: 0, today: 0, thisWeek: 0 },
          },
        },
      },
    });
    expect(await acme.admin.run(setAvailability, { input: { id, maxOpen: null, perWeek: 9, calendar: "always" } })).toMatchObject({
      setVendorAvailability: { vendor: { version: 3, availability: { calendar: "always", maxOpen: null, perWeek: 9, absences } } },
    });
    expect(await acme.admin.run(setAvailability, { input: { id, absences: [] } })).toMatchObject({
      setVendorAvailability: { vendor: { availability: { calendar: "always", perWeek: 9, absences: [] } } },
    });
    expect(await acme.admin.refusal(setAvailability, { input: { id, maxOpen: 1, expectedVersion: 2 } })).toBe("CONFLICT");
    const { vendor } = await acme.admin.run<{ vendor: { auditTrail: { edges: { node: object }[] } } }>(
      "query ($id: ID!) { vendor(id: $id) { auditTrail(first: 1) { edges { node { action before after } } } } }",
      { id },
    );
    expect(vendor.auditTrail.edges[0]?.node).toMatchObject({
      action: "vendor.setAvailability",
      before: { availability: { absences } },
      after: { availability: { absences: [], perWeek: 9 } },
    });
  });

  it("returns the path of each error", async () => {
    const { id } = await acme.tenant.vendor("Northwind");
    const paths = async (input: Record<string, unknown>) => {
      const { extensions } = await acme.admin.refused(setAvailability, { input: { id, ...input } });
      expect(extensions?.code).toBe("BAD_USER_INPUT");
      return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
    };
    expect(await paths({})).toEqual(["input"]);
    expect(await paths({ maxOpen: -1, perDay: 100_001 })).toEqual(["input.maxOpen", "input.perDay"]);
    expect(await paths({ calendar: "moon" })).toEqual(["input.calendar"]);
    expect(await paths({ absences: [{ fromDay: "soon", untilDay: "2030-01-01" }] })).toEqual(["input.absences.0.fromDay"]);
    const long = { fromDay: "2030-01-01", untilDay: "2030-02-01", reason: " " };
    const before = { fromDay: "2030-03-02", untilDay: "2030-03-01" };
    expect(await paths({ absences: [long, { ...long, reason: null }, before] })).toEqual([
      "input.absences.0.reason",
      "input.absences.1",
      "input.absences.2.untilDay",
    ]);
  });

  it("is changed by users with the permission, and shown to the vendor without reasons and load", async () => {
    const { id, user } = await aVendor({ maxOpen: 3, absences: [{ fromDay: "2030-01-01", untilDay: "2030-01-02", reason: "Debts" }] });
    for (const who of [user, acme.operations]) expect(await who.refusal(setAvailability, { input: { id, maxOpen: 9 } })).toBe("FORBIDDEN");
    const shown = { maxOpen: 3, perDay: null, perWeek: null, absences: [{ fromDay: "2030-01-01", untilDay: "2030-01-02" }] };
    expect(await user.run(availability, { id })).toEqual({ vendor: { availability: shown } });
    expect(await user.refusal("query ($id: ID!) { vendor(id: $id) { availability { absences { reason } } } }", { id })).toBe("FORBIDDEN");
    expect(await user.refusal(load, { id })).toBe("FORBIDDEN");
    const theirs = await kit.tenant();
    expect(await theirs.admin.refusal(setAvailability, { input: { id, maxOpen: 9 } })).toBe("NOT_FOUND");
  });
});

describe("an assignment", () => {
  it("is refused beyond each limit, with the limit and the load", { tags: "slow" }, async () => {
    const { id } = await aVendor({ maxOpen: 1, perDay: 2, perWeek: 3 });
    const first = await acme.request();
    await acme.assign(first, { vendorId: id });
    expect(await refusal(id)).toEqual([
      'The vendor "Northwind" has 1 open assignment, and its limit maxOpen is 1. Choose another vendor, or change the limit with setVendorAvailability.',
    ]);
    await acme.admin.run(setAvailability, { input: { id, maxOpen: null } });
    await acme.assign(await acme.request(), { vendorId: id });
    expect(await refusal(id)).toEqual([expect.stringContaining("got 2 assignments today, and its limit perDay is 2") as string]);
    await acme.admin.run(setAvailability, { input: { id, perDay: null } });
    await acme.assign(await acme.request(), { vendorId: id });
    expect(await refusal(id)).toEqual([expect.stringContaining("got 3 assignments this week, and its limit perWeek is 3") as string]);
    expect(await openLoad(id)).toEqual({ open: 3, today: 3, thisWeek: 3 });
    // The vendor has this one already.
    await acme.assign(first, { vendorId: id });
    // What is given to somebody else does not count.
    await acme.assign(first, null);
    expect(await openLoad(id)).toEqual({ open: 2, today: 2, thisWeek: 2 });
    await acme.assign(await acme.request(), { vendorId: id });
  });

  it("counts open project tasks, too", async () => {
    const { tenant, admin } = acme;
    await tenant.definition(await loadExampleDefinition("project"));
    const { id } = await aVendor({ maxOpen: 2 });
    const projectId = await aProjectFrom("2030-03-04T09:00:00Z");
    const [one, two] = [
      await aTask(admin, projectId, "Paint", { assigneeId: id }),
      await aTask(admin, projectId, "Clean", { assigneeId: id }),
    ];
    expect(await openLoad(id)).toEqual({ open: 2, today: 0, thisWeek: 0 });
    const third = await aTask(admin, projectId, "Move in");
    expect(await admin.refusal(updateTask, { input: { id: third, assigneeId: id } })).toBe("BAD_USER_INPUT");
    expect(await refusal(id)).toEqual([expect.stringContaining("has 2 open assignments") as string]);
    await admin.run(updateTask, { input: { id: one, percentComplete: 100 } });
    await admin.run(updateTask, { input: { id: third, assigneeId: id } });
    // A summary task is not work.
    await aTask(admin, projectId, "Windows", { parentId: two });
    await acme.assign(await acme.request(), { vendorId: id });
    expect(await openLoad(id)).toEqual({ open: 2, today: 1, thisWeek: 1 });
  });

  it("of a project task takes capacity on the days and in the weeks for which it is planned", async () => {
    const { tenant, admin } = acme;
    await tenant.definition(await loadExampleDefinition("project"));
    const { id } = await aVendor({ perDay: 1 });
    // A Monday. Days have eight working hours.
    const [first, second] = [await aProjectFrom("2030-03-04T09:00:00Z"), await aProjectFrom("2030-03-04T09:00:00Z")];
    await aTask(admin, first, "Paint", { durationMinutes: 960, assigneeId: id });
    const refusals = async (projectId: string, startAt: string) => {
      const task = await aTask(admin, projectId, "Clean", { constraintKind: "START_NO_EARLIER_THAN", constraintAt: startAt });
      const { errors } = await admin.send(updateTask, { input: { id: task, assigneeId: id } });
      return ((errors?.[0]?.extensions?.["problems"] ?? []) as { message: string }[]).map(({ message }) => message);
    };
    expect(await refusals(second, "2030-03-05T09:00:00Z")).toEqual([
      "The vendor has 1 other assignment on 2030-03-05, for which the task is planned, and its limit perDay is 1. Choose another vendor, move the task, or change the limit with setVendorAvailability.",
    ]);
    expect(await refusals(second, "2030-03-06T09:00:00Z")).toEqual([]);
    // Nothing happens on the weekend, and a milestone takes no time.
    await aTask(admin, second, "Windows", {
      constraintKind: "START_NO_EARLIER_THAN",
      constraintAt: "2030-03-09T09:00:00Z",
      assigneeId: id,
    });
    await aTask(admin, first, "Approval", { durationMinutes: 0, assigneeId: id });
    await admin.run(setAvailability, { input: { id, perDay: null, perWeek: 2 } });
    expect(await refusals(first, "2030-03-08T09:00:00Z")).toEqual([
      expect.stringContaining(
        "has 2 other assignments in the week of 2030-03-04, for which the task is planned, and its limit perWeek is 2.",
      ) as string,
    ]);
    expect(await refusals(first, "2030-03-11T09:00:00Z")).toEqual([]);
    expect(await openLoad(id)).toEqual({ open: 5, today: 0, thisWeek: 0 });
  });

  it("of a request counts the project tasks that are planned for today", async () => {
    const { tenant, admin } = acme;
    await tenant.definition(await loadExampleDefinition("project"));
    const { id } = await aVendor({ perDay: 1, perWeek: 2 });
    const task = await aTask(admin, await aProjectFrom(new Date().toISOString(), "always"), "Paint", {
      durationMinutes: 1,
      assigneeId: id,
    });
    expect(await openLoad(id)).toEqual({ open: 1, today: 1, thisWeek: 1 });
    expect(await refusal(id)).toEqual([
      expect.stringContaining("got 1 assignment today (with 1 project task planned for it), and its limit perDay is 1.") as string,
    ]);
    await admin.run(updateTask, { input: { id: task, percentComplete: 100 } });
    await acme.assign(await acme.request(), { vendorId: id });
    expect(await openLoad(id)).toEqual({ open: 1, today: 1, thisWeek: 1 });
  });

  it(
    "of requests and project tasks for one day never exceeds the limit, and none is refused wrongly, with 50 at the same time",
    { tags: "slow" },
    async () => {
      const { admin, tenant } = acme;
      await tenant.definition(await loadExampleDefinition("project"));
      const { id } = await aVendor({ perDay: 12 });
      const now = new Date().toISOString();
      const projects = await Promise.all(Array.from({ length: 5 }, () => aProjectFrom(now, "always")));
      const tasks = await Promise.all(
        Array.from({ length: 25 }, (_, n) => aTask(admin, projects[n % 5] ?? "", "Paint", { durationMinutes: 1 })),
      );
      const requests = await Promise.all(Array.from({ length: 25 }, () => acme.request()));
      const results = await Promise.all([
        ...tasks.map(async (task) => (await admin.send(updateTask, { input: { id: task, assigneeId: id } })).errors === undefined),
        ...requests.map((request) => isAssigned(request.id, id)),
      ]);
      expect(results.filter(Boolean)).toHaveLength(12);
      expect(await openLoad(id)).toMatchObject({ open: 12, today: 12 });
    },
  );

  it("of a project task is not counted if it was rolled back", async () => {
    const { tenant, admin } = acme;
    await tenant.definition(await loadExampleDefinition("project"));
    const { id } = await aVendor({ perDay: 1 });
    const projectId = await aProjectFrom("2030-03-04T09:00:00Z");
    await aTask(admin, projectId, "Paint", { assigneeId: id });
    const task = await aTask(admin, projectId, "Clean");
    expect(await admin.refusal(updateTask, { input: { id: task, assigneeId: id } })).toBe("BAD_USER_INPUT");
    // The plan gets the version that the refused change would have given it.
    await admin.run(updateTask, { input: { id: task, constraintKind: "START_NO_EARLIER_THAN", constraintAt: "2030-03-05T09:00:00Z" } });
    await admin.run(updateTask, { input: { id: task, assigneeId: id } });
  });

  it("whose days move beyond a limit is an overbooking of the schedule, which a preview shows before", async () => {
    const { tenant, admin } = acme;
    await tenant.definition(await loadExampleDefinition("project"));
    const { id } = await aVendor({ perDay: 1, perWeek: 5 });
    const [here, there] = [await aProjectFrom("2030-03-04T09:00:00Z"), await aProjectFrom("2030-03-05T09:00:00Z")];
    const paint = await aTask(admin, here, "Paint", { assigneeId: id });
    await aTask(admin, there, "Clean", { assigneeId: id });
    const read = "query ($id: ID!) { projectSchedule(projectId: $id) { overbookings { vendor { id } per startsOn assignments limit } } }";
    const none = { projectSchedule: { overbookings: [] } };
    for (const project of [here, there]) expect(await admin.run(read, { id: project })).toEqual(none);
    const overbookings = [{ vendor: { id }, per: "DAY", startsOn: "2030-03-05", assignments: 2, limit: 1 }];
    const preview = `query ($id: ID!) { shiftPreview(taskId: $id, durationMinutes: 960) {
      schedule { overbookings { vendor { id } per startsOn assignments limit } } } }`;
    expect(await admin.run(preview, { id: paint })).toEqual({ shiftPreview: { schedule: { overbookings } } });
    await admin.run(updateTask, { input: { id: paint, durationMinutes: 960 } });
    for (const project of [here, there]) expect(await admin.run(read, { id: project })).toEqual({ projectSchedule: { overbookings } });
  });

  it("is refused during an absence, by the organization's clock", async () => {
    const sandbox = await aMaintenanceTenant(kit);
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const { id } = await aVendor({ absences: [{ fromDay: day(2), untilDay: day(4), reason: "Secret" }] }, sandbox);
    await sandbox.assign(await sandbox.request(), { vendorId: id });
    await advanceClock(kit, sandbox.tenant, { days: 3 });
    expect(await refusal(id, sandbox)).toEqual([
      `The vendor "Northwind" is absent until ${day(4)}. Choose another vendor, or assign it afterwards.`,
    ]);
    await advanceClock(kit, sandbox.tenant, { days: 2 });
    await sandbox.assign(await sandbox.request(), { vendorId: id });
    expect(await openLoad(id, sandbox)).toMatchObject({ open: 2, today: 1 });
  });

  it("never exceeds the limit, and none is refused wrongly, with 50 at the same time", { tags: "slow" }, async () => {
    const requests = await Promise.all(Array.from({ length: 50 }, () => acme.request()));
    const { id } = await aVendor({ maxOpen: 20 });
    const assigned = await Promise.all(requests.map((request) => isAssigned(request.id, id)));
    expect(assigned.filter(Boolean)).toHaveLength(20);
    expect(await openLoad(id)).toMatchObject({ open: 20 });
  });

  it("of a request and one of a project task count each other at the same time", { tags: "slow" }, async () => {
    const { admin, tenant } = acme;
    await tenant.definition(await loadExampleDefinition("project"));
    const { id } = await aVendor({ maxOpen: 6 });
    const projects = await Promise.all(Array.from({ length: 8 }, () => aProject(admin)));
    const tasks = await Promise.all(projects.map((projectId) => aTask(admin, projectId, "Paint")));
    const requests = await Promise.all(Array.from({ length: 8 }, () => acme.request()));
    const results = await Promise.all([
      ...tasks.map(async (task) => (await admin.send(updateTask, { input: { id: task, assigneeId: id } })).errors === undefined),
      ...requests.map((request) => isAssigned(request.id, id)),
    ]);
    expect(results.filter(Boolean)).toHaveLength(6);
    expect(await openLoad(id)).toMatchObject({ open: 6 });
  });
});
