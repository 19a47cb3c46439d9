import { setClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const definition = (due: string, more = ""): string => `weft: 1
key: repair
name: Repair
${more}
data: { type: object, properties: { deadline: { type: string } } }
initial: open
states:
  open:
    task: { title: Repair, candidates: { owner: true }, due: ${due} }
    transitions: { again: { to: open }, finish: { to: done } }
  done: { final: completed }
`;

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

/** Far in the future, where only sandbox clocks are. Friday, 12:30 in Vienna, two days before daylight saving time begins. */
const friday = "2054-03-27T11:30:00Z";
const vienna = {
  timeZone: "Europe/Vienna",
  workingHours: { friday: [{ from: "09:00", to: "13:00" }] },
  holidays: [{ date: "2054-03-30", name: "A Monday" }],
  calendars: { support: { workingHours: { saturday: [{ from: "00:00", to: "24:00" }] } } },
};

const configure = (tenant: TestTenant, document: object, teamId?: string): Promise<unknown> =>
  tenant.admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
    input: { document, message: "Calendar", ...(teamId !== undefined && { teamId }) },
  });

type Started = {
  readonly id: string;
  readonly version: number;
  readonly tasks: readonly { readonly status: string; readonly dueAt: string | null }[];
};

async function start(user: TestUser, input: object = {}): Promise<Started> {
  const { startWorkflow } = await user.run<{ startWorkflow: { instance: Started } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id version tasks { status dueAt } } } }",
    { input: { definitionKey: "repair", data: {}, ...input } },
  );
  return startWorkflow.instance;
}

/** Of the open task, without the seconds that the test takes. */
const dueOf = ({ tasks }: Started): string | undefined => tasks.find(({ status }) => status === "OPEN")?.dueAt?.slice(0, 16);

test.each([
  ["P2D", "2054-03-29T10:30"],
  ["PT48H", "2054-03-29T11:30"],
  // Monday is a holiday.
  ["1 working day", "2054-03-31T10:30"],
  ["90 working minutes", "2054-03-31T08:00"],
])("the deadline %s is counted by the calendar of the tenant", async (due, expected) => {
  const tenant = await weft.tenant();
  await tenant.definition(definition(due));
  await configure(tenant, vienna);
  await setClock(owner, tenant, friday);
  expect(dueOf(await start(tenant.admin))?.slice(0, 15)).toBe(expected.slice(0, 15));
});

test("a definition names its calendar; a name that is not configured means the calendar of the tenant", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(definition("2 working hours", "calendar: support"));
  await configure(tenant, vienna);
  await setClock(owner, tenant, friday);
  expect(dueOf(await start(tenant.admin))).toBe("2054-03-28T01:00");
  await configure(tenant, { ...vienna, calendars: {} });
  expect(dueOf(await start(tenant.admin))?.slice(0, 15)).toBe("2054-03-31T08:3");
});

test("the calendar of a team applies to its instances, at the start and at each transition; a change applies to tasks that open later", async () => {
  const tenant = await weft.tenant();
  const { createTeam } = await tenant.admin.run<{ createTeam: { team: { id: string } } }>(
    'mutation { createTeam(input: { key: "tokyo", name: "Tokyo" }) { team { id } } }',
  );
  const teamId = createTeam.team.id;
  await tenant.definition(definition("1 working day"));
  await configure(tenant, vienna);
  await configure(tenant, { timeZone: "Asia/Tokyo", workingHours: { friday: [], saturday: [{ from: "10:00", to: "11:00" }] } }, teamId);
  await setClock(owner, tenant, friday);
  // Friday is free, Saturday is the first working day, Monday is a holiday of the tenant, and Tuesday opens at 09:00.
  expect(dueOf(await start(tenant.admin, { teamId }))).toBe("2054-03-31T01:00");
  const instance = await start(tenant.admin);
  await configure(tenant, { timeZone: "UTC", holidays: [] });
  const { fireTransition } = await tenant.admin.run<{ fireTransition: { instance: Started } }>(
    "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id version tasks { status dueAt } } } }",
    { input: { instanceId: instance.id, transition: "again", expectedVersion: instance.version } },
  );
  expect(dueOf(fireTransition.instance)?.slice(0, 15)).toBe("2054-03-30T11:3");
});

test("a date in the data ends at midnight of the tenant's time zone", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(definition("data.deadline"));
  await configure(tenant, vienna);
  expect((await start(tenant.admin, { data: { deadline: "2054-03-29" } })).tasks[0]?.dueAt).toBe("2054-03-29T21:59:59.999Z");
});

test("a calendar without working time rejects the transition with a reason", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(definition("1 working day"));
  const free = Object.fromEntries(["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => [day, []]));
  await configure(tenant, { workingHours: free });
  await expect(start(tenant.admin)).rejects.toThrow("too little working time");
});

test("calendars are validated with the path of each mistake", async () => {
  const tenant = await weft.tenant();
  const calendars = {
    always: {},
    "Not a name": {},
    support: { workingHours: { monday: [{ from: "10:00", to: "09:00" }] }, holidays: [{ date: "2054-05-01", name: "A" }] },
    night: { timeZone: "Mars/Olympus", color: "blue" },
  };
  const problems = async (patch: object) =>
    JSON.stringify(
      await tenant.admin.refused(
        "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
        { input: { patch, message: "Calendar" } },
      ),
    );
  const found = await problems({ calendars });
  expect(found).toContain("calendars.night.timeZone");
  expect(found).toContain("calendars.night.color");
  expect(found).toContain("Not a name");
  const times = await problems({ calendars: { always: {}, support: calendars.support } });
  expect(times).toContain("calendars.support.workingHours.monday.0");
  expect(times).toContain("Use another name");
});

test("a condition counts by the calendar of the tenant, for firing, listing and explaining alike", async () => {
  const tenant = await weft.tenant();
  const when = `data: { type: object, properties: { deadline: { type: string } } }
initial: open
states:
  open: { transitions: { finish: { to: done, when: now - data.deadline > 1 working hour } } }
  done: { final: completed }
`;
  await tenant.definition(`weft: 1\nkey: repair\nname: Repair\n${when}`);
  await configure(tenant, vienna);
  await setClock(owner, tenant, friday);
  // 12:10 and 11:20 in Vienna; a minute of the lunch hour would be enough in UTC.
  const early = await start(tenant.admin, { data: { deadline: "2054-03-27T11:10:00Z" } });
  const late = await start(tenant.admin, { data: { deadline: "2054-03-27T10:20:00Z" } });
  const query = `query ($id: ID!) { workflowInstance(id: $id) { availableTransitions { name allowed } } }`;
  const allowed = async ({ id }: Started): Promise<unknown> => (await tenant.admin.run(query, { id }))["workflowInstance"];
  expect(await allowed(early)).toEqual({ availableTransitions: [{ name: "finish", allowed: false }] });
  expect(await allowed(late)).toEqual({ availableTransitions: [{ name: "finish", allowed: true }] });
  const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }";
  const firing = ({ id, version }: Started) => ({ input: { instanceId: id, transition: "finish", expectedVersion: version } });
  expect(JSON.stringify(await tenant.admin.refused(fire, firing(early)))).toContain("Deadline + 1 working hour");
  expect(await tenant.admin.run(fire, firing(late))).toEqual({ fireTransition: { instance: { state: "done" } } });
});

test("testing a condition and simulating a definition count by the calendar of the tenant", async () => {
  const tenant = await weft.tenant();
  await configure(tenant, vienna);
  // Daylight saving time begins in between.
  const condition = "data.at + P1D == '2054-03-29T10:30:00.000Z'";
  const data = { at: "2054-03-28T11:30:00Z" };
  const tried = await tenant.admin.run(
    "query ($condition: JSON!, $data: JSON) { testCondition(condition: $condition, data: $data) { holds } }",
    {
      condition,
      data,
    },
  );
  expect(tried).toEqual({ testCondition: { holds: true } });
  const source = `weft: 1
key: repair
name: Repair
data: { type: object, properties: { at: { type: string } } }
initial: open
states:
  open: { transitions: { finish: { to: done, when: "${condition}" } } }
  done: { final: completed }
`;
  const simulated = await tenant.admin.run(
    'query ($source: String, $data: JSON) { simulateWorkflow(source: $source, data: $data, steps: [{ transition: "finish" }]) { steps { isAccepted } } }',
    { source, data },
  );
  expect(simulated).toEqual({ simulateWorkflow: { steps: [{ isAccepted: true }] } });
});
