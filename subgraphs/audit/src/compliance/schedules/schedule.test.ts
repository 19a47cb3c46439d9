import { decodeId } from "@weft/shared/ids";
import { sharedWeft, type SharedWeft, type TestTenant } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let owner: postgres.Sql;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant();
});
afterAll(async () => {
  await owner.end();
});

const create = `mutation ($input: CreateComplianceReportScheduleInput!) {
  createComplianceReportSchedule(input: $input) { complianceReportSchedule { id name kind formats parameters nextAt createdBy { id } } } }`;
const monthly = { name: "Monthly", kind: "RETENTION", formats: ["JSON"], cron: "0 6 1 * *", timeZone: "Europe/Zurich", periodDays: 30 };

async function created(input: object = {}): Promise<{ id: string; nextAt: string }> {
  const answer = await acme.admin.run<{ createComplianceReportSchedule: { complianceReportSchedule: { id: string; nextAt: string } } }>(
    create,
    {
      input: { ...monthly, ...input },
    },
  );
  return answer.createComplianceReportSchedule.complianceReportSchedule;
}

interface Listed {
  readonly status: string;
  readonly periodFrom: string;
  readonly periodTo: string;
  readonly createdBy: { readonly id: string };
  readonly schedule: { readonly id: string } | null;
  readonly message: string | null;
}

/** Without the hour: a period of 30 days can be an hour shorter or longer in Zurich. */
const dayOf = (time: string | Date): string =>
  new Intl.DateTimeFormat("en", { timeZone: "UTC", month: "numeric", day: "numeric" }).format(new Date(time));

const reports = async (): Promise<readonly Listed[]> =>
  (
    await acme.admin.run<{ complianceReports: { edges: { node: Listed }[] } }>(
      "{ complianceReports { edges { node { status periodFrom periodTo createdBy { id } schedule { id } message } } } }",
    )
  ).complianceReports.edges.map(({ node }) => node);

describe("a schedule of reports", () => {
  test("creates the report that is due once, in the name of its creator, for the period that ends at the planned time", async () => {
    const { id, nextAt } = await created();
    expect(new Intl.DateTimeFormat("en", { timeZone: "Europe/Zurich", hour: "numeric", day: "numeric" }).format(new Date(nextAt))).toBe(
      "1, 6 AM",
    );
    const minutesAgo = (minutes: number): string => new Date(Math.floor(Date.now() / 60_000 - minutes) * 60_000).toISOString();
    const planned = minutesAgo(1);
    await owner`update audit.compliance_report_schedules set next_at = ${planned} where id = ${decodeId("complianceReportSchedule", id)}`;
    const made = await until(async () => (await reports()).find(({ status }) => status === "COMPLETED"), {
      what: "the scheduled report is completed",
      deadlineMs: 30_000,
    });
    expect(made).toMatchObject({ createdBy: { id: acme.admin.id }, schedule: { id } });
    expect([made.periodFrom, made.periodTo].map(dayOf)).toEqual([dayOf(new Date(Date.parse(planned) - 30 * 86_400_000)), dayOf(planned)]);
    const { complianceReportSchedule } = await acme.admin.run<{ complianceReportSchedule: { nextAt: string } }>(
      "query ($id: ID!) { complianceReportSchedule(id: $id) { nextAt } }",
      { id },
    );
    expect(Date.parse(complianceReportSchedule.nextAt)).toBeGreaterThan(Date.now());
    await weft.weft.worker.idle();
    expect(await reports()).toHaveLength(1);
  });

  test("stops when its creator no longer has the rights, and its report fails with the reason", async () => {
    const globex = await weft.tenant();
    const needed = ["complianceReport.read", "complianceReport.create", "configuration.read", "audit.read", "event.read"];
    const roleId = await globex.role("auditor", needed);
    const auditor = await globex.user("auditor");
    const { createComplianceReportSchedule } = await auditor.run<{
      createComplianceReportSchedule: { complianceReportSchedule: { id: string } };
    }>(create, { input: monthly });
    const { id } = createComplianceReportSchedule.complianceReportSchedule;
    await globex.admin.run("mutation ($input: SetRolePermissionsInput!) { setRolePermissions(input: $input) { role { id } } }", {
      input: {
        roleId,
        permissions: needed.map((permission) => ({ permission, scope: permission === "audit.read" ? "OWN" : "TENANT" })),
      },
    });
    await owner`update audit.compliance_report_schedules set next_at = now() where id = ${decodeId("complianceReportSchedule", id)}`;
    const stopped = "query ($id: ID!) { complianceReportSchedule(id: $id) { nextAt message } }";
    const reason = "The user who created the report no longer has, in scope TENANT: audit.read.";
    const schedule = await until(
      async () => {
        const found = await globex.admin.run<{ complianceReportSchedule: { nextAt: string | null } }>(stopped, { id });
        return found.complianceReportSchedule.nextAt === null ? found.complianceReportSchedule : null;
      },
      { what: "the schedule has stopped", deadlineMs: 30_000 },
    );
    expect(schedule).toEqual({ nextAt: null, message: reason });
    const list = "{ complianceReports { edges { node { status message schedule { id } } } } }";
    expect(await globex.admin.run(list)).toEqual({
      complianceReports: { edges: [{ node: { status: "FAILED", message: reason, schedule: { id } } }] },
    });
  });

  test.each([
    [{ cron: "0 0,23 1 * *" }, "input.cron"],
    [{ cron: "*/5 * * * *" }, "input.cron"],
    [{ cron: "0 6 30 2 *" }, "input.cron"],
    [{ cron: "often" }, "input.cron"],
    [{ timeZone: "Mars/Olympus" }, "input.timeZone"],
    [{ periodDays: 401 }, "input.periodDays"],
    [{ name: "" }, "input.name"],
  ])("with %j is refused because of %s", async (input, path) => {
    const { errors } = await acme.admin.send(create, { input: { ...monthly, ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
  });

  test("is deleted by those who can create reports, and not from another organization", async () => {
    const { id } = await created();
    const remove = "mutation ($input: IdInput!) { deleteComplianceReportSchedule(input: $input) { id } }";
    const globex = await weft.tenant();
    expect(await globex.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    expect(await acme.admin.run(remove, { input: { id } })).toEqual({ deleteComplianceReportSchedule: { id } });
    expect(await acme.admin.refusal("query ($id: ID!) { complianceReportSchedule(id: $id) { id } }", { id })).toBe("NOT_FOUND");
  });
});
