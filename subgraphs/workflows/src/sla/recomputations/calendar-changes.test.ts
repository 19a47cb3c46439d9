import { encodeId } from "@weft/shared/ids";
import { brokenInvariants, setClock, startTestWeft, until, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = `weft: 1
key: ticket
name: Ticket
initial: open
slas: { resolution: { target: 8 working hours, warn: [] }, reply: { target: PT40H, warn: [] } }
states:
  open: { task: { title: Answer, candidates: { owner: true }, due: 8 working hours }, transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

let weft: TestWeft;
let owner: postgres.Sql;
let operator: TestUser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  ({ operator } = await weft.platform());
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

/** A tenant whose clock begins on a Monday, an hour before the working day. */
async function aTenant(): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await goTo(tenant, "2030-03-04T08:00:02Z");
  await tenant.definition(source);
  return tenant;
}

const goTo = (tenant: TestTenant, time: string): Promise<void> => setClock(owner, tenant, time);

async function start({ admin }: TestTenant, teamId?: string): Promise<string> {
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation ($teamId: ID) { startWorkflow(input: { definitionKey: "ticket", teamId: $teamId }) { instance { id } } }`,
    { teamId },
  );
  return startWorkflow.instance.id;
}

/** Waits until every change of calendars has been carried over. An idle worker is not enough: it can wait for the end of other transactions. */
async function settled(): Promise<void> {
  const isSettled = async (): Promise<boolean> => {
    const [row] = await owner<{ open: number }[]>`select (select count(*) from app.calendar_changes where completed_at is null)::int
      + (select count(*) from workflows.sla_recomputations where completed_at is null)::int as open`;
    return row?.open === 0;
  };
  // The transactions can be those of other tests, whose databases are on the same server.
  await until(isSettled, { what: "the clocks are recomputed", deadlineMs: 50_000 });
}

const update = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
/** Changes a configuration, and waits until open clocks have been recomputed. */
async function configure({ admin }: TestTenant, patch: object, teamId?: string): Promise<void> {
  await admin.run(update, { input: { patch, message: "Hours of March", ...(teamId !== undefined && { teamId }) } });
  await settled();
}

type Clock = { readonly id: string; readonly name: string; readonly dueAt: string | null };
type Shown = { readonly slaStatus: readonly Clock[]; readonly tasks: readonly { readonly dueAt: string }[] };

const instance = "query ($id: ID!) { workflowInstance(id: $id) { slaStatus { id name dueAt } tasks { dueAt } } }";
const show = async ({ admin }: TestTenant, id: string): Promise<Shown> =>
  (await admin.run<{ workflowInstance: Shown }>(instance, { id })).workflowInstance;
const clockOf = async (tenant: TestTenant, id: string): Promise<Clock | undefined> =>
  (await show(tenant, id)).slaStatus.find(({ name }) => name === "resolution");
const dueOf = async (tenant: TestTenant, id: string): Promise<string | undefined> => (await clockOf(tenant, id))?.dueAt?.slice(0, 16);

const preview = `query ($input: PreviewCalendarChangeInput!, $first: Int, $cursor: String) {
  previewCalendarChange(input: $input, first: $first, cursor: $cursor) {
    openClocks examinedClocks nextCursor changes { clock { name instance { id } } before { dueAt } after { dueAt } } } }`;
type Preview = {
  readonly openClocks: number;
  readonly examinedClocks: number;
  readonly nextCursor: string | null;
  readonly changes: readonly {
    readonly clock: { readonly instance: { readonly id: string } };
    readonly after: { readonly dueAt: string };
  }[];
};
const previewed = async ({ admin }: TestTenant, input: object, page: object = {}): Promise<Preview> =>
  (await admin.run<{ previewCalendarChange: Preview }>(preview, { input, ...page })).previewCalendarChange;

const fields =
  "cause message status total changed requestedBy { id } changes { edges { node { clock { instance { id } } before { dueAt } after { dueAt } } } }";
type Recomputation = { readonly total: number; readonly changed: number; readonly message: string | null };
async function recomputations({ admin }: Pick<TestTenant, "admin">): Promise<Recomputation[]> {
  const { slaRecomputations } = await admin.run<{ slaRecomputations: { edges: { node: Recomputation }[] } }>(
    `{ slaRecomputations { edges { node { ${fields} } } } }`,
  );
  return slaRecomputations.edges.map(({ node }) => node);
}

const containing = (part: string): unknown => expect.stringContaining(part);
const mornings = Object.fromEntries(
  ["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => [day, [{ from: "09:00", to: "13:00" }]]),
);

test(
  "changed working hours move the due times of open clocks, keep what was consumed, and leave the deadlines of open tasks",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const id = await start(tenant);
    await goTo(tenant, "2030-03-04T15:00:02Z");
    expect(await dueOf(tenant, id)).toBe("2030-03-04T17:00");
    await configure(tenant, { workingHours: mornings });
    const { slaStatus, tasks } = await show(tenant, id);
    expect(tasks[0]?.dueAt).toEqual(containing("2030-03-04T17:00"));
    const clock = slaStatus.find(({ name }) => name === "resolution");
    const explain = "query ($id: ID!) { slaExplain(id: $id) { isRecounted intervals { cause seconds reason actor { id } } } }";
    const { slaExplain } = await tenant.admin.run<{ slaExplain: { intervals: { seconds: number }[] } }>(explain, { id: clock?.id });
    const by = { id: tenant.admin.id };
    expect(slaExplain).toMatchObject({
      isRecounted: true,
      intervals: [{ cause: "START" }, { cause: "CALENDAR_CHANGE", seconds: 0, reason: "Hours of March", actor: by }],
    });
    // Six of eight hours, by the hours of before. The other two follow on Tuesday.
    const consumed = slaExplain.intervals[0]?.seconds ?? 0;
    expect(consumed).toBeGreaterThanOrEqual(6 * 3600);
    const dueAt = new Date(Date.parse("2030-03-05T09:00:00Z") + (8 * 3600 - consumed) * 1000).toISOString();
    expect(clock?.dueAt).toBe(dueAt);
    expect(await recomputations(tenant)).toMatchObject([
      {
        cause: "CALENDAR_CHANGE",
        message: "Hours of March",
        status: "COMPLETED",
        total: 2,
        requestedBy: { id: tenant.admin.id },
        changes: { edges: expect.arrayContaining([containingClock(id, "2030-03-04T17:00", dueAt)]) as unknown },
      },
    ]);
    await tenant.admin.run('mutation { rollbackConfiguration(input: { toVersion: 0, message: "Back" }) { configuration { version } } }');
    await settled();
    // A change of other settings concerns no clock.
    await configure(tenant, { locale: "de" });
    expect(await recomputations(tenant)).toMatchObject([
      { message: "Back", changed: 1 },
      { message: "Hours of March", changed: 1 },
    ]);
  },
);

const containingClock = (id: string, before: string, after: string): unknown => ({
  node: { clock: { instance: { id } }, before: { dueAt: containing(before) }, after: { dueAt: containing(after) } },
});

test(
  "a team's change concerns only the clocks of the team, and a named calendar only the clocks that count by it",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const team = await tenant.team("field");
    const [ofTeam, other] = [await start(tenant, team), await start(tenant)];
    await configure(tenant, { holidays: [{ date: "2030-03-04", name: "Carnival" }] }, team);
    expect(await dueOf(tenant, ofTeam)).toBe("2030-03-05T17:00");
    expect(await dueOf(tenant, other)).toBe("2030-03-04T17:00");
    await configure(tenant, { calendars: { night: { workingHours: {} } } });
    expect(await recomputations(tenant)).toMatchObject([
      { total: 4, changed: 0 },
      { total: 2, changed: 1 },
    ]);
  },
);

test(
  "a preview says page by page which open clocks a draft would change, writes nothing, and the change then does what it said",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const team = await tenant.team("field");
    const [ofTeam, other] = [await start(tenant, team), await start(tenant)];
    const patch = { timeZone: "America/New_York" };
    const first = await previewed(tenant, { patch }, { first: 1 });
    const second = await previewed(tenant, { patch }, { first: 1, cursor: first.nextCursor });
    expect(first).toMatchObject({ openClocks: 4, examinedClocks: 2, changes: [{ after: { dueAt: containing("2030-03-04T22:00") } }] });
    expect([first, second].flatMap(({ changes }) => changes.map(({ clock }) => clock.instance.id)).toSorted()).toEqual(
      [ofTeam, other].toSorted(),
    );
    expect(await previewed(tenant, { patch: { locale: "de" } })).toMatchObject({ openClocks: 4, changes: [] });
    const document = { holidays: [{ date: "2030-03-04", name: "Carnival" }] };
    const draft = await previewed(tenant, { teamId: team, document });
    expect(draft).toMatchObject({ openClocks: 2, examinedClocks: 2, nextCursor: null, changes: [{ clock: { instance: { id: ofTeam } } }] });
    expect([await dueOf(tenant, ofTeam), await recomputations(tenant)]).toEqual(["2030-03-04T17:00", []]);
    await configure(tenant, document, team);
    expect((await clockOf(tenant, ofTeam))?.dueAt).toBe(draft.changes[0]?.after.dueAt);
    expect(await previewed(tenant, { teamId: team, unset: ["holidays"] })).toMatchObject({
      changes: [{ before: { dueAt: containing("2030-03-05T17:00") }, after: { dueAt: containing("2030-03-04T17:00") } }],
    });
  },
);

test("a preview refuses what the change would refuse, another tenant's team, and users who cannot change the configuration", async () => {
  const [tenant, other] = [await weft.tenant(), await weft.tenant()];
  const team = await other.team("field");
  const refused = async (input: object) => JSON.stringify((await tenant.admin.refused(preview, { input })).extensions);
  expect(await refused({ patch: { timeZone: "Mars/Olympus", calendars: { always: {} } } })).toContain("input.patch.timeZone");
  expect(await refused({ document: { calendars: { always: {} } } })).toContain("input.document.calendars.always");
  expect(await refused({ patch: {}, document: {} })).toContain("Provide either the whole document");
  expect(await refused({ unset: ["timezone"] })).toContain("timeZone");
  expect(await tenant.admin.refusal(preview, { input: { teamId: team, patch: {} } })).toBe("NOT_FOUND");
  const viewer = await tenant.user("viewer");
  expect(await viewer.refusal(preview, { input: { patch: {} } })).toBe("FORBIDDEN");
});

const changePlan =
  "mutation ($input: UpdatePlanConfigurationInput!) { updatePlanConfiguration(input: $input) { configuration { version } } }";
const setPlan = "mutation ($input: SetTenantPlanInput!) { setTenantPlan(input: $input) { tenant { plan } } }";

test(
  "a plan's change reaches every tenant of the plan once, though a worker was killed, without the operator's reason",
  { tags: "slow" },
  async () => {
    const [inheriting, own, idle, other] = [await aTenant(), await aTenant(), await aTenant(), await aTenant()];
    const [first, second, third] = [await start(inheriting), await start(own), await start(other)];
    await own.admin.run(update, { input: { patch: { timeZone: "Europe/Vienna" }, message: "Own hours" } });
    for (const tenant of [inheriting, own, idle])
      await operator.run(setPlan, { input: { tenantId: encodeId("tenant", tenant.id), plan: "PRO", reason: "Contract" } });
    await settled();
    const before = [await recomputations(inheriting), await recomputations(own), await recomputations(idle)].map(({ length }) => length);
    const hours = await dueOf(own, second);
    await operator.run(changePlan, { input: { plan: "PRO", patch: { timeZone: "America/New_York" }, message: "A secret" } });
    await settled();
    // New York works from 14:00 to 22:00 UTC.
    expect(await dueOf(inheriting, first)).toBe("2030-03-04T22:00");
    expect([await dueOf(own, second), await dueOf(other, third)]).toEqual([hours, "2030-03-04T17:00"]);
    const expected = [{ message: null, requestedBy: null, status: "COMPLETED", changed: 1 }, { changed: 0 }];
    expect([(await recomputations(inheriting))[0], (await recomputations(own))[0]]).toMatchObject(expected);
    const counts = async () => [inheriting, own, idle, other].map(async (tenant) => (await recomputations(tenant)).length);
    const after = await Promise.all(await counts());
    expect(after).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 1, before[2], 0]);
    // As after the end of a worker that has visited tenants, but not noted it.
    await owner`update app.calendar_changes set last_tenant_id = null, completed_at = null where is_shared`;
    await settled();
    expect(await owner`select plan, is_shared, completed_at is not null as done from app.calendar_changes where is_shared`).toEqual([
      { plan: "PRO", is_shared: true, done: true },
    ]);
    expect(await Promise.all(await counts())).toEqual(after);
  },
);

test("a change is in the same transaction as its configuration: a refused one changes no clock", async () => {
  const tenant = await aTenant();
  await start(tenant);
  const patch = { timeZone: "Asia/Tokyo", holidays: [{ date: "2030-02-30", name: "No such day" }] };
  expect(await tenant.admin.refusal(update, { input: { patch, message: "Hours" } })).toBe("BAD_USER_INPUT");
  expect(await tenant.admin.refusal(update, { input: { patch: { timeZone: "Asia/Tokyo" }, message: "Hours", expectedVersion: 7 } })).toBe(
    "CONFLICT",
  );
  await settled();
  expect(await recomputations(tenant)).toEqual([]);
});

test("no ledger contradicts its clock", async () => {
  const broken = await brokenInvariants({ ownerUrl: weft.database.ownerUrl });
  // Usage counts in true time, but these tenants have clocks of their own.
  expect(broken.filter((one) => !one.startsWith("usage:"))).toEqual([]);
});
