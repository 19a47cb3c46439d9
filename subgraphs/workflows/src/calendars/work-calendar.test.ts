import { sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const office = [{ from: "09:00", to: "12:30" }];
async function configure({ admin }: TestTenant, patch: object, teamId?: string): Promise<void> {
  const mutation = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
  await admin.run(mutation, { input: { patch, message: "Calendars", ...(teamId !== undefined && { teamId }) } });
}
const calendars = async <T = unknown>({ admin }: Pick<TestTenant, "admin">, fields: string, teamId?: string): Promise<T> => {
  const query = `query ($teamId: ID) { workCalendars(teamId: $teamId) { name ${fields} } }`;
  return (await admin.run<{ workCalendars: T }>(query, { teamId })).workCalendars;
};

test("the calendars of a team inherit from the tenant, and count deadlines across the change to daylight saving time", async () => {
  const tenant = await weft.tenant();
  const team = await tenant.team("field");
  await configure(tenant, {
    timeZone: "Europe/Vienna",
    workingHours: { friday: office },
    holidays: [{ date: "2054-03-30", name: "A Monday" }],
    calendars: { support: { workingHours: { sunday: [{ from: "00:00", to: "24:00" }] } } },
  });
  await configure(tenant, { timeZone: "Europe/London" }, team);
  const fields = `timeZone days(from: "2054-03-27", first: 4) { date workingHours { from to } holiday }
    deadline(after: "1 working day", from: "2054-03-27T08:30:00Z") isWorkingTime(at: "2054-03-29T22:30:00Z")
    workingSeconds(from: "2054-03-28T12:00:00Z", to: "2054-03-30T12:00:00Z")`;
  const [standard, support, always] = await calendars<object[]>(tenant, fields);
  const [friday, saturday, sunday, monday] = ["2054-03-27", "2054-03-28", "2054-03-29", "2054-03-30"];
  expect(standard).toEqual({
    name: null,
    timeZone: "Europe/Vienna",
    days: [
      { date: friday, workingHours: office, holiday: null },
      { date: saturday, workingHours: [], holiday: null },
      { date: sunday, workingHours: [], holiday: null },
      { date: monday, workingHours: [], holiday: "A Monday" },
    ],
    // Tuesday, 09:30 in Vienna: Monday is a holiday.
    deadline: "2054-03-31T07:30:00.000Z",
    isWorkingTime: false,
    workingSeconds: 0,
  });
  // The Sunday has 23 hours, and ends at 22:00 UTC.
  expect(support).toMatchObject({ name: "support", isWorkingTime: false, workingSeconds: 23 * 3600 });
  expect(always).toMatchObject({ name: "always", isWorkingTime: true, workingSeconds: 48 * 3600 });
  const ofTeam = await calendars<object[]>(tenant, fields, team);
  expect(ofTeam).toMatchObject([
    { name: null, timeZone: "Europe/London", days: [{ workingHours: office }, {}, {}, { holiday: "A Monday" }] },
    { name: "support", isWorkingTime: true },
    { name: "always" },
  ]);
});

test("refuses what cannot be shown or counted, and says why", async () => {
  const { admin } = await weft.tenant();
  for (const [field, reason] of [
    ['days(from: "2026-02-30") { date }', "not a valid date"],
    ["days(first: 401) { date }", "not between 1 and 400"],
    ["days(first: 0) { date }", "not between 1 and 400"],
    ['deadline(after: "two days")', "not a valid duration"],
    ['workingSeconds(from: "2000-01-01T00:00:00Z", to: "2040-01-01T00:00:00Z")', "more than 20 years"],
  ])
    expect(JSON.stringify(await admin.refused(`{ workCalendars { ${field} } }`))).toContain(reason);
});

test("another tenant's team has no calendars", async () => {
  const [tenant, other] = [await weft.tenant(), await weft.tenant()];
  const team = await other.team("field");
  const refused = await tenant.admin.refused("query ($teamId: ID) { workCalendars(teamId: $teamId) { name } }", { teamId: team });
  expect(JSON.stringify(refused)).toContain("NOT_FOUND");
});

test("a definition that counts by an unknown calendar is valid with a warning, which a calendar of a team ends", async () => {
  const tenant = await weft.tenant();
  const team = await tenant.team("field");
  const source = `weft: 1
key: repair
name: Repair
initial: open
states:
  open: { task: { title: Repair, candidates: { owner: true }, due: 1 working day, calendar: support }, transitions: { finish: { to: done } } }
  done: { final: completed }
`;
  const warnings = async (): Promise<unknown> =>
    (
      await tenant.admin.run("query ($source: String!) { validateDefinition(source: $source) { isValid warnings { code path line } } }", {
        source,
      })
    )["validateDefinition"];
  expect(await warnings()).toEqual({ isValid: true, warnings: [{ code: "UNKNOWN_CALENDAR", path: "states.open.task.calendar", line: 6 }] });
  await configure(tenant, { calendars: { support: {} } }, team);
  expect(await warnings()).toEqual({ isValid: true, warnings: [] });
});
