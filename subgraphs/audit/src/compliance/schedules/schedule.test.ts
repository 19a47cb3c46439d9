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
}

const reports = async (): Promise<readonly Listed[]> =>
  (
    await acme.admin.run<{ complianceReports: { edges: { node: Listed }[] } }>(
      "{ complianceReports { edges { node { status periodFrom periodTo createdBy { id } } } } }",
    )
  ).complianceReports.edges.map(({ node }) => node);

describe("a schedule of reports", () => {
  test("creates the report that is due once, in the name of its creator, for the period that ends at the planned time", async () => {
    const { id, nextAt } = await created();
    expect(new Intl.DateTimeFormat("en", { timeZone: "Europe/Zurich", hour: "numeric", day: "numeric" }).format(new Date(nextAt))).toBe(
      "1, 6 AM",
    );
    const planned = "2026-03-01T05:00:00.000Z";
    await owner`update audit.compliance_report_schedules set next_at = ${planned} where id = ${decodeId("complianceReportSchedule", id)}`;
    const made = await until(async () => (await reports()).find(({ status }) => status === "COMPLETED"), {
      what: "the scheduled report is completed",
      deadlineMs: 30_000,
    });
    expect(made.createdBy).toEqual({ id: acme.admin.id });
    expect([made.periodFrom, made.periodTo].map((time) => new Date(time).toISOString())).toEqual(["2026-01-30T05:00:00.000Z", planned]);
    const { complianceReportSchedule } = await acme.admin.run<{ complianceReportSchedule: { nextAt: string } }>(
      "query ($id: ID!) { complianceReportSchedule(id: $id) { nextAt } }",
      { id },
    );
    expect(Date.parse(complianceReportSchedule.nextAt)).toBeGreaterThan(Date.now());
    await weft.weft.worker.idle();
    expect(await reports()).toHaveLength(1);
  });

  test.each([
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
