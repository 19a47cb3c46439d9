import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { begunReport, bytesOf, endedReport, oneReport } from "@weft/testkit/tenants/made-report";

let weft: SharedWeft;
let owner: postgres.Sql;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  await owner.end();
});

const remove = "mutation ($input: IdInput!) { deleteComplianceReport(input: $input) { id } }";

const used = async (): Promise<number> => {
  const { tenant } = await acme.admin.run<{ tenant: { usage: { limit: string; used: number }[] } }>("{ tenant { usage { limit used } } }");
  return tenant.usage.find(({ limit }) => limit === "storageBytes")?.used ?? Number.NaN;
};

const made = async () => endedReport(acme.admin, await begunReport(acme.admin, { kind: "RETENTION" }));

test("a deleted report is gone with its files, and their storage is free again", async () => {
  const before = await used();
  const { id, files } = await made();
  const [json] = files;
  if (!json) throw new Error("the report has no file");
  expect(await used()).toBe(before + files.reduce((sum, { file }) => sum + file.size, 0));
  await bytesOf(weft, json);
  expect(await acme.admin.run(remove, { input: { id } })).toEqual({ deleteComplianceReport: { id } });
  expect(await acme.admin.refusal(oneReport, { id })).toBe("NOT_FOUND");
  expect(await used()).toBe(before);
  await until(async () => (await fetch(new URL(json.file.download.url, weft.url))).status !== 200, { what: "the bytes are deleted" });
});

test("a report is deleted when it expires", async () => {
  const { id, expiresAt } = await made();
  expect(Date.parse(expiresAt ?? "")).toBeGreaterThan(Date.now() + 3_600 * 86_400_000);
  await owner`update audit.compliance_reports set due_at = now() - interval '1 second' where id = ${decodeId("complianceReport", id)}`;
  await until(async () => (await acme.admin.send(oneReport, { id })).errors?.[0]?.extensions?.["code"] === "NOT_FOUND", {
    what: "the report is deleted",
    deadlineMs: 30_000,
  });
});

test("a report is deleted when it expires, also in an organization that was suspended meanwhile", async () => {
  const suspended = await weft.tenant();
  const { id } = await endedReport(suspended.admin, await begunReport(suspended.admin, { kind: "RETENTION" }));
  const uuid = decodeId("complianceReport", id);
  await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${suspended.id}`;
  await owner`update audit.compliance_reports set due_at = now() - interval '1 second' where id = ${uuid}`;
  await until(async () => (await owner`select from audit.compliance_reports where id = ${uuid}`).length === 0, {
    what: "the report is deleted",
    deadlineMs: 30_000,
  });
});

test("a file of a report can neither be attached to an object nor deleted without the report", async () => {
  const { files } = await made();
  const [json] = files;
  if (!json) throw new Error("the report has no file");
  const attach = "mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }";
  const { id: objectId } = await acme.request("triage");
  expect(await acme.admin.refusal(attach, { input: { fileId: json.file.id, objectId } })).toBe("BAD_USER_INPUT");
  await bytesOf(weft, json);
});

test("reports are deleted by those with the permission, and not from another organization", async () => {
  const { id } = await made();
  await acme.tenant.role("report_reader", ["complianceReport.read", "complianceReport.create"]);
  expect(await (await acme.tenant.user("report_reader")).refusal(remove, { input: { id } })).toBe("FORBIDDEN");
  expect(await (await weft.tenant()).admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
});
