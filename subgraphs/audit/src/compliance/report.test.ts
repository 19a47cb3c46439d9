import { createHash } from "node:crypto";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type SharedWeft, type TestUser } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { beforeAll, describe, expect, test } from "vitest";
import type { ReportDocument, Table } from "./run/report-document.js";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const selection =
  "{ id kind formats status message rowCount snapshotAt createdBy { id } files { format table file { name type size sha256 download { url } } } }";
const create = `mutation ($input: CreateComplianceReportInput!) { createComplianceReport(input: $input) { complianceReport ${selection} } }`;
const one = `query ($id: ID!) { complianceReport(id: $id) ${selection} }`;

interface ReportFields {
  readonly id: string;
  readonly status: string;
  readonly message: string | null;
  readonly rowCount: number;
  readonly files: readonly {
    readonly format: string;
    readonly table: string | null;
    readonly file: {
      readonly name: string;
      readonly type: string;
      readonly size: number;
      readonly sha256: string;
      readonly download: { readonly url: string };
    };
  }[];
}

async function begun(user: TestUser, input: Record<string, unknown>): Promise<string> {
  const { createComplianceReport } = await user.run<{ createComplianceReport: { complianceReport: ReportFields } }>(create, { input });
  return createComplianceReport.complianceReport.id;
}

async function ended(user: TestUser, id: string): Promise<ReportFields> {
  const isOver = async () => {
    const { complianceReport } = await user.run<{ complianceReport: ReportFields }>(one, { id });
    return complianceReport.status === "RUNNING" ? null : complianceReport;
  };
  return until(isOver, { what: "the report has ended", deadlineMs: 60_000 });
}

async function bytesOf({ file }: ReportFields["files"][number]): Promise<Buffer> {
  const response = await fetch(new URL(file.download.url, weft.url));
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect([bytes.byteLength, createHash("sha256").update(bytes).digest("hex")]).toEqual([file.size, file.sha256]);
  return bytes;
}

/** Makes a report. Returns what its JSON file contains. */
async function made(input: Record<string, unknown>, user = acme.admin): Promise<ReportDocument> {
  const report = await ended(user, await begun(user, { formats: ["JSON"], ...input }));
  expect(report).toMatchObject({ status: "COMPLETED", message: null });
  const [file] = report.files;
  if (!file) throw new Error("the report has no file");
  return JSON.parse((await bytesOf(file)).toString("utf8")) as ReportDocument;
}

const tableOf = ({ tables }: ReportDocument, key: string): Table => {
  const table = tables.find((each) => each.key === key);
  if (!table) throw new Error(`no table ${key}`);
  return table;
};

/** Rows of a table as objects. */
const rowsOf = (document: ReportDocument, key: string): Record<string, unknown>[] => {
  const { columns, rows } = tableOf(document, key);
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column.key, row[index]])));
};

const kinds = ["ACCESS_REVIEW", "SEPARATION_OF_DUTIES", "SLA", "RETENTION", "CHANGES", "OPERATOR_VISITS", "DEFINITIONS"];

describe("an access review", () => {
  test("shows by which chain of roles each user has a permission", async () => {
    const document = await made({ kind: "ACCESS_REVIEW", permissions: ["building.update", "audit.read"] });
    const { whoCan } = await acme.admin.run<{ whoCan: { edges: { node: { user: { id: string } } }[] } }>(
      '{ whoCan(permission: "building.update", first: 100) { edges { node { user { id } } } } }',
    );
    const found = rowsOf(document, "grants").filter(({ permission }) => permission === "building.update");
    expect(new Set(found.map(({ userId }) => userId))).toEqual(new Set(whoCan.edges.map(({ node }) => node.user.id)));
    expect(found).toContainEqual(
      expect.objectContaining({ userId: acme.operations.id, scope: "TENANT", grantedBy: "operations", chain: "operations" }),
    );
  });
});

test("an access review shows the last activity of each user", async () => {
  const idle = await acme.tenant.user("viewer");
  const document = await made({ kind: "ACCESS_REVIEW", permissions: ["audit.read"] });
  const lastOf = (id: string): unknown => rowsOf(document, "users").find(({ userId }) => userId === id)?.["lastActivityAt"];
  const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { at: string } }[] } }>(
    "query ($id: ID!) { auditEntries(filter: { actorId: { eq: $id } }, first: 1) { edges { node { at } } } }",
    { id: acme.operations.id },
  );
  expect(Date.parse(String(lastOf(acme.operations.id)))).toBe(Date.parse(auditEntries.edges[0]?.node.at ?? ""));
  expect(Date.parse(String(lastOf(idle.id)))).toBeLessThanOrEqual(Date.parse(document.snapshotAt));
});

describe("each kind", () => {
  test.each(kinds)("%s names, for each figure with a path, an operation whose result is the figure", { tags: "slow" }, async (kind) => {
    const document = await made({ kind, ...(kind === "ACCESS_REVIEW" && { permissions: ["audit.read"] }) });
    expect(document).toMatchObject({ format: "weft.complianceReport", kind, createdBy: { id: acme.admin.id } });
    for (const { key, value, source } of document.figures) {
      expect(source.operations, key).not.toHaveLength(0);
      if (source.path === undefined) expect(source.derivation, key).toBeDefined();
      else {
        const { query, variables } = document.operations[source.operations[0] ?? ""] ?? { query: "", variables: {} };
        const data: unknown = await acme.admin.run(query, { ...variables });
        const found = source.path.split(".").reduce((at, name) => (at as Record<string, unknown>)[name], data);
        expect(found, key).toBe(value);
      }
    }
    const used = [...document.figures, ...document.charts, ...document.tables].flatMap(({ source }) => source.operations);
    expect(Object.keys(document.operations)).toEqual(expect.arrayContaining(used));
  });

  test.each(kinds)("%s sends operations that the API accepts", { tags: "slow" }, async (kind) => {
    const document = await made({ kind, ...(kind === "ACCESS_REVIEW" && { permissions: ["audit.read"] }) });
    for (const [name, { query, variables, forEach = {} }] of Object.entries(document.operations)) {
      const first = Object.fromEntries(Object.entries(forEach).map(([variable, [value]]) => [variable, value]));
      expect((await acme.admin.send(query, { ...variables, ...first })).errors, name).toBeUndefined();
    }
  });
});

describe("the separation of duties", () => {
  test("shows the users who could do both duties, and those who did both for the same object", async () => {
    const { createBuilding } = await acme.admin.run<{ createBuilding: { building: { id: string } } }>(
      "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
      { input: { code: "SOD-1", name: "Both" } },
    );
    const { id } = createBuilding.building;
    await acme.admin.run("mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id } } }", {
      input: { id, name: "Changed" },
    });
    await acme.operations.run("mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id } } }", {
      input: { id, name: "Changed by another user" },
    });
    const conflict = { name: "Create and change", first: { permission: "building.create" }, second: { permission: "building.update" } };
    const document = await made({ kind: "SEPARATION_OF_DUTIES", conflictingDuties: [conflict] });
    const users = rowsOf(document, "possible").map(({ userId }) => userId);
    expect(users).toEqual(expect.arrayContaining([acme.admin.id, acme.operations.id]));
    expect(rowsOf(document, "done").filter(({ entityId }) => entityId === id)).toMatchObject([
      { userId: acme.admin.id, conflict: conflict.name },
    ]);
  });
});

describe("a report", () => {
  test("has a JSON file, a CSV file for each table, and a PDF file", async () => {
    const report = await ended(acme.admin, await begun(acme.admin, { kind: "RETENTION" }));
    expect(report.files.map(({ format, table }) => [format, table])).toEqual([
      ["JSON", null],
      ["CSV", "settings"],
      ["CSV", "kept"],
      ["PDF", null],
    ]);
    const [, csv, , pdf] = await Promise.all(report.files.map(bytesOf));
    expect(csv?.toString("utf8").split("\r\n")[0]).toBe("setting,value,level,changedAt");
    expect(pdf?.subarray(0, 5).toString("latin1")).toBe("%PDF-");
  });

  test("needs the permissions of what it shows, and names those that its creator lacks", async () => {
    await acme.tenant.role("report_author", ["complianceReport.read", "complianceReport.create"]);
    const auditor = await acme.tenant.user("report_author");
    const { errors } = await auditor.send(create, { input: { kind: "ACCESS_REVIEW" } });
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("user.read, role.read, audit.read") as string,
      extensions: { code: "FORBIDDEN" },
    });
  });

  test("can be read by users with the permission, and not by others or by another organization", async () => {
    const id = await begun(acme.admin, { kind: "RETENTION", formats: ["JSON"] });
    await ended(acme.admin, id);
    expect(await acme.operations.refusal(one, { id })).toBe("FORBIDDEN");
    const globex = await weft.tenant();
    expect(await globex.admin.refusal(one, { id })).toBe("NOT_FOUND");
    const list = "{ complianceReports { edges { node { id } } } }";
    expect(await globex.admin.run(list)).toEqual({ complianceReports: { edges: [] } });
  });

  test("reports every problem of its input", async () => {
    const { errors } = await acme.admin.send(create, {
      input: {
        kind: "SLA",
        permissions: ["building.paint"],
        conflictingDuties: [{ name: "", first: { permission: "a" }, second: { permission: "building.update", actions: ["paint it"] } }],
      },
    });
    const problems = (errors?.[0]?.extensions as { problems: { path: string }[] } | undefined)?.problems.map(({ path }) => path);
    expect(problems).toEqual([
      "input.permissions",
      "input.conflictingDuties",
      "input.permissions.0",
      "input.conflictingDuties.0.name",
      "input.conflictingDuties.0.first.permission",
      "input.conflictingDuties.0.second.actions.0",
    ]);
  });

  test("is created once per idempotency key", async () => {
    const input = { kind: "RETENTION", formats: ["JSON"], idempotencyKey: "once" };
    expect(await begun(acme.admin, input)).toBe(await begun(acme.admin, input));
  });
});
