import { fireTransition, setClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = `weft: 1
key: ticket
name: Ticket
data:
  type: object
  properties: { priority: { type: string } }
initial: open
slas:
  resolution:
    target: [{ when: "data.priority == 'urgent'", target: PT2H }, { target: PT8H }]
    pause: { states: [waiting] }
    stop: { states: [solved] }
states:
  open:
    sla: PT3H
    task: { title: Solve it, candidates: { roles: [operations] }, sla: PT1H }
    transitions: { wait: { to: waiting }, solve: { to: solved }, drop: { to: dropped } }
  waiting: { transitions: { answer: { to: open } } }
  solved: { transitions: { close: { to: closed }, reopen: { to: open } } }
  closed: { final: completed }
  dropped: { final: cancelled }
`;

const totals = "met missed breachedOpen cancelled complianceRate medianConsumedSeconds p90ConsumedSeconds";
const report = `query ($filter: SlaReportFilter, $groupBy: SlaReportGrouping, $interval: SlaReportInterval) {
  slaReport(filter: $filter, groupBy: $groupBy, interval: $interval) {
    from to timeZone totals { ${totals} } trend { date totals { ${totals} } } breachTimes { weekday hour count }
    groups { definitionKey definitionVersion name requestType { key } team { id } user { id } vendor { id } priority totals { ${totals} } } } }`;
const everything = `{ workflowInstances(first: 100) { edges { node { data slaStatus { name status isBreached consumedSeconds dueAt breachedAt endedAt task { assignee { ... on User { id } } } } } } } }`;

type Totals = {
  met: number;
  missed: number;
  breachedOpen: number;
  cancelled: number;
  complianceRate: number | null;
  medianConsumedSeconds: number | null;
  p90ConsumedSeconds: number | null;
};
type Report = {
  timeZone: string;
  totals: Totals;
  groups: { name: string | null; priority: string | null; user: { id: string } | null; requestType: object | null; totals: Totals }[];
  trend: { date: string; totals: Totals }[];
  breachTimes: { weekday: number; hour: number; count: number }[];
};
type Clock = {
  name: string;
  status: string;
  isBreached: boolean;
  consumedSeconds: number;
  dueAt: string | null;
  breachedAt: string | null;
  endedAt: string | null;
  task: { assignee: { id: string } | null } | null;
  priority: string | undefined;
};

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

const ask = async (who: TestUser, filter: object = {}, groupBy?: string, interval?: string): Promise<Report> =>
  (await who.run<{ slaReport: Report }>(report, { filter, groupBy, interval })).slaReport;

const goTo = (tenant: TestTenant, time: Date): Promise<void> => setClock(owner, tenant, time.toISOString());

const start = async (who: TestUser, data: object = {}): Promise<string> =>
  (
    await who.run<{ startWorkflow: { instance: { id: string } } }>(
      `mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "ticket", data: $data }) { instance { id } } }`,
      { data },
    )
  ).startWorkflow.instance.id;

const fire = (who: TestUser, instanceId: string, transition: string) => who.run(fireTransition, { input: { instanceId, transition } });

/** A number generator, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Does random things while the tenant's clock advances, over a change to summer time. Returns the time at the end. */
async function live(tenant: TestTenant, people: readonly TestUser[], { seed, steps }: { seed: number; steps: number }): Promise<Date> {
  const random = generator(seed);
  const open: { id: string; state: string }[] = [];
  const transitions: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    open: [
      ["wait", "waiting"],
      ["solve", "solved"],
      ["solve", "solved"],
      ["drop", "dropped"],
    ],
    waiting: [["answer", "open"]],
    solved: [
      ["close", "closed"],
      ["reopen", "open"],
    ],
  };
  let time = Date.parse("2030-03-29T20:00:00Z");
  for (let step = 0; step < steps; step++) {
    time += random(150) * 60_000;
    await goTo(tenant, new Date(time));
    const who = people[random(people.length)] ?? tenant.admin;
    const one = open[random(open.length + 2)];
    if (one === undefined) {
      const priority = ["urgent", "low", undefined][random(3)];
      open.push({ id: await start(tenant.admin, priority ? { priority } : {}), state: "open" });
    } else {
      const choices = transitions[one.state] ?? [];
      const [transition, to] = choices[random(choices.length)] ?? [];
      if (transition === undefined || to === undefined) continue;
      if (one.state === "open" && random(2) === 0) {
        const { workflowInstance } = await who.run<{ workflowInstance: { tasks: { id: string; status: string }[] } }>(
          "query ($id: ID!) { workflowInstance(id: $id) { tasks { id status } } }",
          { id: one.id },
        );
        const task = workflowInstance.tasks.find(({ status }) => status === "OPEN");
        if (task) await who.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id: task.id });
      }
      await fire(who, one.id, transition);
      one.state = to;
    }
  }
  return new Date(time);
}

/** Reads every clock through its instance. */
async function clocksOf({ admin }: TestTenant): Promise<Clock[]> {
  const { workflowInstances } = await admin.run<{
    workflowInstances: { edges: { node: { data: { priority?: string }; slaStatus: Clock[] } }[] };
  }>(everything);
  return workflowInstances.edges.flatMap(({ node }) => node.slaStatus.map((clock) => ({ ...clock, priority: node.data.priority })));
}

/** When a clock counts; null: it does not. */
const countedAt = ({ endedAt, isBreached, dueAt }: Clock): string | null => endedAt ?? (isBreached ? dueAt : null);

function recount(clocks: readonly Clock[]): Totals {
  const number = (status: string): number => clocks.filter((clock) => clock.status === status && clock.endedAt !== null).length;
  const [met, missed] = [number("MET"), number("MISSED")];
  const breachedOpen = clocks.filter(({ endedAt }) => endedAt === null).length;
  const stopped = clocks.filter(({ status }) => status === "MET" || status === "MISSED");
  const consumed = stopped.map(({ consumedSeconds }) => consumedSeconds).toSorted((a, b) => a - b);
  const at = (share: number): number | null => consumed[Math.max(1, Math.ceil(share * consumed.length)) - 1] ?? null;
  const due = met + missed + breachedOpen;
  const complianceRate = due === 0 ? null : met / due;
  const cancelled = number("CANCELLED");
  return { met, missed, breachedOpen, cancelled, complianceRate, medianConsumedSeconds: at(0.5), p90ConsumedSeconds: at(0.9) };
}

const recountBy = (clocks: readonly Clock[], keyOf: (clock: Clock) => string | null | undefined): Record<string, Totals> =>
  Object.fromEntries(
    [...Map.groupBy(clocks, keyOf)].flatMap(([key, members]) => (key === null || key === undefined ? [] : [[key, recount(members)]])),
  );

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
function localTime(time: string, timeZone: string): { date: string; weekday: number; hour: number } {
  const options = {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    hourCycle: "h23",
    weekday: "short",
  } as const;
  const parts = new Intl.DateTimeFormat("en-US", options).formatToParts(new Date(time));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    weekday: weekdays.indexOf(part("weekday")) + 1,
    hour: Number(part("hour")),
  };
}

test(
  "the report equals a recount of all clocks after random operations, over a change to summer time",
  { tags: "slow", timeout: 60_000 },
  async () => {
    const timeZone = "Europe/Zurich";
    const tenant = await weft.tenant();
    await tenant.definition(source);
    const people = [await tenant.user("operations"), await tenant.user("operations")];
    const end = await live(tenant, people, { seed: 1, steps: 36 });
    const from = new Date(end.getTime() - 60 * 3_600_000);
    for (const to of [end, new Date(end.getTime() - 20 * 3_600_000)].map(
      (time) => new Date(Math.ceil(time.getTime() / 900_000) * 900_000),
    )) {
      const start_ = new Date(Math.floor(from.getTime() / 900_000) * 900_000);
      const filter = { from: start_.toISOString(), to: to.toISOString(), timeZone };
      const counted = (await clocksOf(tenant)).filter((clock) => {
        const at = countedAt(clock);
        return at !== null && Date.parse(at) >= start_.getTime() && Date.parse(at) < to.getTime();
      });
      const found = await ask(tenant.admin, filter, "SLA");
      expect(found.totals).toEqual(recount(counted));
      // A state and its task have the same name, but are different SLAs.
      const byName = found.groups.map((group) => [group.name, group.totals] as const);
      expect(byName.filter(([name]) => name === "resolution")).toEqual(
        Object.entries(recountBy(counted, ({ name }) => (name === "resolution" ? name : null))),
      );
      expect(byName.reduce((sum, [, { met }]) => sum + met, 0)).toBe(found.totals.met);
      expect(
        Object.fromEntries((await ask(tenant.admin, filter, "PRIORITY")).groups.map((group) => [group.priority, group.totals])),
      ).toEqual(recountBy(counted, ({ priority }) => priority));
      const byUser = (await ask(tenant.admin, filter, "USER")).groups.map((group) => [group.user?.id, group.totals] as const);
      expect(Object.fromEntries(byUser)).toEqual(recountBy(counted, ({ task }) => task?.assignee?.id));
      expect(await ask(tenant.admin, { ...filter, priority: "urgent", name: "resolution" })).toMatchObject({
        totals: recount(counted.filter(({ priority, name }) => priority === "urgent" && name === "resolution")),
      });
      const days = found.trend.filter((day) => day.totals.met + day.totals.missed + day.totals.breachedOpen + day.totals.cancelled > 0);
      expect(Object.fromEntries(days.map((day) => [day.date, day.totals]))).toEqual(
        recountBy(counted, (clock) => localTime(countedAt(clock) ?? "", timeZone).date),
      );
      const breaches = counted.filter(({ status, endedAt }) => status === "MISSED" || endedAt === null);
      const hours = Map.groupBy(breaches, ({ breachedAt }) => {
        const { weekday, hour } = localTime(breachedAt ?? "", timeZone);
        return `${weekday} ${hour}`;
      });
      expect(Object.fromEntries(found.breachTimes.map(({ weekday, hour, count }) => [`${weekday} ${hour}`, count]))).toEqual(
        Object.fromEntries([...hours].map(([hour, members]) => [hour, members.length])),
      );
    }
    const { totals: all } = await ask(tenant.admin);
    expect(Math.min(all.met, all.missed, all.breachedOpen, all.cancelled)).toBeGreaterThan(0);
  },
);

const maintenance = `weft: 1
key: repair
name: Repair
data:
  type: object
  properties: { summary: { type: string }, priority: { type: string } }
initial: draft
slas: { reply: { target: PT1H, stop: { states: [submitted] } } }
states:
  draft: { transitions: { submit: { to: submitted }, cancel: { to: dropped } } }
  submitted: { transitions: { close: { to: closed } } }
  dropped: { final: cancelled }
  closed: { final: completed }
`;

test(
  "clocks are counted by request type, team, and version, and by each filter, in a fixed number of statements",
  { tags: "slow" },
  async () => {
    const tenant = await weft.tenant();
    const { admin } = tenant;
    await goTo(tenant, new Date("2030-03-04T09:00:00Z"));
    await tenant.definition(maintenance);
    const type = { name: "Repair", definitionKey: "repair", fields: ["summary", "priority"] };
    for (const key of ["heating", "water"])
      await admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
        input: { ...type, key, numberPrefix: key.slice(0, 2).toUpperCase() },
      });
    const teamId = await tenant.team("north");
    const create = (typeKey: string) =>
      admin.run<{ createRequest: { request: { id: string; type: { id: string }; workflow: { id: string } } } }>(
        "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id type { id } workflow { id } } } }",
        { input: { typeKey, data: { summary: "Cold", priority: "high" } } },
      );
    const { createRequest: late } = await create("heating");
    await goTo(tenant, new Date("2030-03-04T09:30:00Z"));
    const { createRequest: quick } = await create("water");
    await fire(admin, quick.request.workflow.id, "submit");
    await goTo(tenant, new Date("2030-03-04T11:30:00Z"));
    const filter = { timeZone: "UTC" };
    const byType = await ask(admin, filter, "REQUEST_TYPE", "WEEK");
    expect(byType.totals).toMatchObject({ met: 1, missed: 0, breachedOpen: 1, complianceRate: 0.5 });
    expect(byType.groups.map(({ requestType }) => requestType)).toEqual(expect.arrayContaining([{ key: "heating" }, { key: "water" }]));
    expect(byType.trend.at(-1)).toMatchObject({ date: "2030-03-04", totals: { met: 1, breachedOpen: 1 } });
    expect(byType.breachTimes).toEqual([{ weekday: 1, hour: 10, count: 1 }]);
    expect(await ask(admin, { ...filter, requestTypeId: late.request.type.id })).toMatchObject({ totals: { met: 0, breachedOpen: 1 } });
    expect((await ask(admin, filter, "VERSION")).groups).toMatchObject([{ definitionKey: "repair", definitionVersion: 1 }]);
    expect((await ask(admin, { ...filter, teamId }, "TEAM")).groups).toEqual([]);
    for (const none of [{ priority: "low" }, { environment: "DEV" }, { definitionKey: "other" }, { assigneeId: admin.id }])
      expect(await ask(admin, { ...filter, ...none })).toMatchObject({ totals: { met: 0, breachedOpen: 0, complianceRate: null } });
    // The clocks behind a number.
    const list = `query ($filter: SlaClockFilter) { slaBreaches(filter: $filter) { edges { node { instance { id } } } } }`;
    const inHour = { breachedAt: { gte: "2030-03-04T10:00:00Z", lt: "2030-03-04T11:00:00Z" }, name: { eq: "reply" } };
    expect(await admin.run(list, { filter: inHour })).toMatchObject({
      slaBreaches: { edges: [{ node: { instance: { id: late.request.workflow.id } } }] },
    });
    expect(await admin.run(list, { filter: { breachedAt: { lt: "2030-03-04T10:00:00Z" } } })).toMatchObject({ slaBreaches: { edges: [] } });
    const statements = await weft.statements(() => ask(admin, filter, "SLA"));
    await fire(admin, late.request.workflow.id, "submit");
    for (let count = 0; count < 3; count++) await create("water");
    expect(await weft.statements(() => ask(admin, filter, "SLA"))).toHaveLength(statements.length);
  },
);

test("users see reports of the instances that sla.read reaches, users of vendors none, and another tenant's IDs match nothing", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(source);
  const id = await start(tenant.admin);
  await fire(tenant.admin, id, "solve");
  const viewer = await tenant.user("viewer");
  const requester = await tenant.user("requester");
  const vendor = await tenant.vendor();
  expect((await ask(viewer)).totals).toMatchObject({ met: 3, complianceRate: 1 });
  expect(await requester.refusal(report)).toBe("FORBIDDEN");
  expect(await vendor.user.refusal(report)).toBe("FORBIDDEN");
  const own = await tenant.admin.run<{ createRole: { role: { id: string } } }>(
    "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }",
    { input: { key: "own_clocks", name: "Own clocks", permissions: [{ permission: "sla.read", scope: "OWN" }] } },
  );
  expect(own.createRole.role.id).toBeTruthy();
  const narrow = await tenant.user("requester", { roles: ["own_clocks"] });
  expect((await ask(narrow)).totals).toMatchObject({ met: 0, complianceRate: null });
  const other = await weft.tenant();
  expect((await ask(other.admin)).totals.met).toBe(0);
  expect((await ask(other.admin, { teamId: await tenant.team("south") })).totals.met).toBe(0);
  const pathOf = async (filter: object) =>
    ((await viewer.refused(report, { filter })).extensions as { problems?: { path: string }[] }).problems?.[0]?.path;
  expect(await pathOf({ timeZone: "Mars/Base" })).toBe("filter.timeZone");
  expect(await pathOf({ from: "2020-01-01T00:00:00Z" })).toBe("filter.from");
  expect(await pathOf({ definitionVersion: 1 })).toBe("filter.definitionVersion");
  expect(await pathOf({ requestTypeId: viewer.id })).toBe("filter.requestTypeId");
  expect(await pathOf({ assigneeId: await tenant.team("west") })).toBe("filter.assigneeId");
});
