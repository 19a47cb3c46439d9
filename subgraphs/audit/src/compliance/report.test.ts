import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { begunReport, bytesOf, createReport, endedReport, type MadeReport, madeReport, oneReport } from "@weft/testkit/tenants/made-report";
import { reportKinds } from "./kinds/kinds.js";

const made = (input: object, user = acme.admin): Promise<MadeReport> => madeReport(weft, user, input);

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const kinds = ["ACCESS_REVIEW", "SEPARATION_OF_DUTIES", "SLA", "RETENTION", "CHANGES", "OPERATOR_VISITS", "DEFINITIONS"] as const;

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

  test.each(kinds)("%s needs no other permissions than those that it names", { tags: "slow" }, async (kind) => {
    const key = `reports_${kind.toLowerCase()}`;
    const permissions = ["complianceReport.read", "complianceReport.create", ...reportKinds[kind].requires];
    await acme.tenant.role(key, permissions);
    const author = await acme.tenant.user(key);
    expect(await made({ kind }, author)).toMatchObject({ kind, createdBy: { id: author.id } });
  });

  test.each(kinds)("%s sends operations that the API accepts", { tags: "slow" }, async (kind) => {
    const document = await made({ kind, ...(kind === "ACCESS_REVIEW" && { permissions: ["audit.read"] }) });
    for (const [name, { query, variables, forEach = {} }] of Object.entries(document.operations)) {
      const first = Object.fromEntries(Object.entries(forEach).map(([variable, [value]]) => [variable, value]));
      expect((await acme.admin.send(query, { ...variables, ...first })).errors, name).toBeUndefined();
    }
  });
});

describe("a report", () => {
  test("has a JSON file, a CSV file for each table, and a PDF file", async () => {
    const report = await endedReport(acme.admin, await begunReport(acme.admin, { kind: "RETENTION" }));
    expect(report.files.map(({ format, table }) => [format, table])).toEqual([
      ["JSON", null],
      ["CSV", "settings"],
      ["CSV", "kept"],
      ["PDF", null],
    ]);
    const [, csv, , pdf] = await Promise.all(report.files.map((file) => bytesOf(weft, file)));
    expect(csv?.toString("utf8").split("\r\n")[0]).toBe("setting,value,level,changedAt");
    expect(pdf?.subarray(0, 5).toString("latin1")).toBe("%PDF-");
  });

  test("needs the permissions of what it shows, and names those that its creator lacks", async () => {
    await acme.tenant.role("report_author", ["complianceReport.read", "complianceReport.create"]);
    const auditor = await acme.tenant.user("report_author");
    const { errors } = await auditor.send(createReport, { input: { kind: "ACCESS_REVIEW" } });
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("user.read, role.read, audit.read") as string,
      extensions: { code: "FORBIDDEN" },
    });
  });

  test("can be read by users with the permission, and not by others or by another organization", async () => {
    const id = await begunReport(acme.admin, { kind: "RETENTION", formats: ["JSON"] });
    await endedReport(acme.admin, id);
    expect(await acme.operations.refusal(oneReport, { id })).toBe("FORBIDDEN");
    const globex = await weft.tenant();
    expect(await globex.admin.refusal(oneReport, { id })).toBe("NOT_FOUND");
    const list = "{ complianceReports { edges { node { id } } } }";
    expect(await globex.admin.run(list)).toEqual({ complianceReports: { edges: [] } });
  });

  test("reports every problem of its input", async () => {
    const { errors } = await acme.admin.send(createReport, {
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
    expect(await begunReport(acme.admin, input)).toBe(await begunReport(acme.admin, input));
  });
});
