import { createHash } from "node:crypto";
import { ApiClient, sharedWeft, type SharedWeft, type TestTenant } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { begun, ended, exported, read, readExport, refusalOfExport, sealedTenant, verified } from "@weft/testkit/audit/audit-exports";

let weft: SharedWeft;
let owner: postgres.Sql;
let acme: TestTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await sealedTenant(weft);
});
afterAll(async () => {
  await owner.end();
});

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("an export contains every sealed entry in the order of the chain, as `auditEntries` shows it, and verifies without a server", async () => {
  const done = await exported(weft, acme.admin);
  const rows = linesOf(done.text);
  expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: done.upToSequence }, (_, at) => at + 1));
  const fields = "id action summary entityType entityId address requestId sequence before after";
  type Entries = { auditEntries: { edges: { node: { id: string } }[] } };
  const { auditEntries } = await acme.admin.run<Entries>(`{ auditEntries(first: 100) { edges { node { ${fields} } } } }`);
  const shown = new Map(auditEntries.edges.map(({ node }) => [node.id, node]));
  const seen = rows.filter(({ id }) => shown.has(String(id)));
  expect(seen.length).toBeGreaterThan(5);
  for (const row of seen) expect(row).toMatchObject(shown.get(String(row["id"])) ?? {});
  expect(done).toMatchObject({ rowCount: rows.length, sequence: done.upToSequence, message: null });
  expect(createHash("sha256").update(done.text).digest("hex")).toBe(done.file?.sha256);
  expect(await verified(weft, done)).toMatchObject({
    isValid: true,
    firstProblem: null,
    verifiedEntries: rows.length,
    proof: { isWhole: true },
  });
});

test("a CSV file escapes what a spreadsheet would run as a formula, and verifies", async () => {
  const globex = await sealedTenant(weft);
  const name = '=HYPERLINK("http://evil.example", "x");+1; @second';
  await globex.admin.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", {
    input: { code: "=1+1", name },
  });
  await weft.weft.worker.idle();
  const done = await exported(weft, globex.admin, { format: "CSV" });
  expect(done.file?.name).toMatch(/^audit-entries-1-\d+\.csv$/);
  expect(done.text).toMatch(/^sequence,id,at,action,summary,/);
  expect(done.text).not.toMatch(/(^|[,;])"?=/m);
  expect(await verified(weft, done)).toMatchObject({ isValid: true, verifiedEntries: done.rowCount });
});

test("an export with a filter contains the matching entries only, and says that it is not whole", async () => {
  const done = await exported(weft, acme.admin, { filter: { entityType: { eq: "BUILDING" } } });
  const rows = linesOf(done.text);
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(rows.map(({ entityType }) => entityType))).toEqual(new Set(["BUILDING"]));
  expect(await verified(weft, done)).toMatchObject({ isValid: true, verifiedEntries: rows.length, proof: { isWhole: false } });
  const nothing = await exported(weft, acme.admin, { filter: { action: { eq: "no.such" } }, format: "CSV" });
  expect(nothing.rowCount).toBe(0);
  expect(await verified(weft, nothing)).toMatchObject({ isValid: true, verifiedEntries: 0 });
});

test("an export can continue after an earlier one, and is linked to it by the chain", async () => {
  const first = await exported(weft, acme.admin);
  await weft.weft.worker.idle();
  const second = await exported(weft, acme.admin, { afterSequence: first.upToSequence });
  expect(linesOf(second.text)[0]).toMatchObject({ sequence: first.upToSequence + 1, previousHash: linesOf(first.text).at(-1)?.["hash"] });
  expect(await verified(weft, second)).toMatchObject({ isValid: true, verifiedEntries: second.rowCount });
  expect(await refusalOfExport(acme.admin, { afterSequence: 1_000_000 })).toBe("BAD_USER_INPUT");
});

test("entries that are sealed while an export runs are not part of it", async () => {
  const started = await begun(acme.admin, { format: "JSON_LINES" });
  await acme.admin.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", {
    input: { code: "LATE", name: "Late" },
  });
  await weft.weft.worker.idle();
  const done = await ended(acme.admin, started.id);
  expect(done).toMatchObject({ status: "COMPLETED", upToSequence: started.upToSequence, rowCount: started.upToSequence });
});

test("an export requires its own permission, and belongs to its creator", async () => {
  const requester = await acme.user("requester");
  expect(await refusalOfExport(requester)).toBe("FORBIDDEN");
  const manager = await acme.user("workflow_manager");
  expect(await manager.run("{ auditEntries(first: 1) { edges { node { id } } } }")).toMatchObject({ auditEntries: {} });
  expect(await refusalOfExport(manager)).toBe("FORBIDDEN");
  const { id } = await exported(weft, acme.admin);
  const other = await acme.user("admin");
  expect(await other.refusal(readExport, { id })).toBe("NOT_FOUND");
  expect(await other.run("{ auditExports { totalCount } }")).toEqual({ auditExports: { totalCount: 0 } });
  const globex = await weft.tenant();
  expect(await globex.admin.refusal(readExport, { id })).toBe("NOT_FOUND");
});

test("an export of a user to whom some entries are denied has the others, and does not claim to be whole", async () => {
  const tenant = await sealedTenant(weft);
  const limited = await tenant.user("admin");
  await limited.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", {
    input: { code: "OWN", name: "Own" },
  });
  await tenant.admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
    input: { userId: limited.id, grants: [], denials: [{ permission: "audit.read", scope: "OWN" }], reason: "A test" },
  });
  await weft.weft.worker.idle();
  const done = await exported(weft, limited);
  const actors = new Set(linesOf(done.text).map(({ actorId }) => actorId));
  expect([actors.has(limited.id), actors.has(tenant.admin.id)]).toEqual([false, true]);
  expect(await verified(weft, done)).toMatchObject({ isValid: true, proof: { isWhole: false } });
});

test("an export of a user is hidden from their API keys", async () => {
  const { id } = await exported(weft, acme.admin);
  const { createApiKey } = await acme.admin.run<{ createApiKey: { key: string } }>(
    "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }",
    { input: { name: "K", permissions: [{ permission: "building.read", scope: "TENANT" }] } },
  );
  const { data } = await new ApiClient(weft.url, createApiKey.key).send(readExport, { id });
  expect(data).toMatchObject({ auditExport: { file: null } });
});

test("the file is not attached to an object, where others could read it, and for longer", async () => {
  const { id } = await exported(weft, acme.admin);
  type Images = { auditEntries: { edges: { node: { after: { fileId: string } } }[] } };
  const { auditEntries } = await acme.admin.run<Images>(
    "query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { after } } } }",
    { id },
  );
  const { id: objectId } = await acme.vendor();
  const attach = "mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }";
  const fileId = auditEntries.edges[0]?.node.after.fileId;
  expect((await acme.admin.run<{ file: { id: string } }>("query ($id: ID!) { file(id: $id) { id } }", { id: fileId })).file.id).toBe(
    fileId,
  );
  expect(await acme.admin.refusal(attach, { input: { fileId, objectId } })).toBe("BAD_USER_INPUT");
});

test("an export is recorded in the audit trail when it is started and when it is completed", async () => {
  const { id } = await exported(weft, acme.admin);
  const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
    "query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { action } } } }",
    { id },
  );
  expect(auditEntries.edges.map(({ node }) => node.action)).toEqual(["auditExport.complete", "auditExport.create"]);
});

test("the file is hidden when the rights of its creator have changed", async () => {
  const globex = await sealedTenant(weft);
  const { id, file } = await exported(weft, globex.admin);
  await owner`update identity.users set rights_version = rights_version + 1 where id = (
    select created_by from audit.exports where tenant_id = ${globex.id} limit 1) and tenant_id = ${globex.id}`;
  const isHidden = async (): Promise<boolean> => (await read(globex.admin, id)).file === null;
  await expect.poll(isHidden, { timeout: 10_000 }).toBe(true);
  expect((await fetch(new URL(file?.url ?? "", weft.url))).status).toBe(404);
});

test("a cancelled export has no file, and one that has ended stays as it is", async () => {
  const cancel = "mutation ($input: VersionedIdInput!) { cancelAuditExport(input: $input) { export { status file { url } } } }";
  const { id } = await exported(weft, acme.admin);
  expect(await acme.admin.run(cancel, { input: { id } })).toMatchObject({ cancelAuditExport: { export: { status: "COMPLETED" } } });
  const waiting = await begun(acme.admin);
  const { cancelAuditExport } = await acme.admin.run<{ cancelAuditExport: { export: { status: string } } }>(cancel, {
    input: { id: waiting.id },
  });
  expect(["CANCELLED", "COMPLETED"]).toContain(cancelAuditExport.export.status);
  expect((await ended(acme.admin, waiting.id)).status).toBe(cancelAuditExport.export.status);
});
