import { createHash } from "node:crypto";
import { decodeId } from "@weft/shared/ids";
import {
  aPlanningTenant,
  approveScope,
  aProject,
  aScopeItem,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aPlanningTenant(weft);
  admin = acme.admin;
});

afterAll(async () => {
  await sql.end();
});

const update = `mutation ($input: UpdateScopeItemInput!) { updateScopeItem(input: $input) {
  scopeItem { title acceptanceCriteria status version } } }`;
const remove = "mutation ($id: ID!) { deleteScopeItem(input: { id: $id }) { id } }";
const approve = "mutation ($id: ID!) { approveScope(input: { id: $id }) { scopeVersion { number } } }";
const items = "query ($id: ID!) { project(id: $id) { scopeItems { title acceptanceCriteria status } scopeVersion { number } } }";

describe("a scope that is not approved", () => {
  test("consists of items that can be added, changed, and removed", async () => {
    const id = await aProject(admin);
    const doors = await aScopeItem(admin, id, " Doors ", { acceptanceCriteria: ["They open", "They close"] });
    const windows = await aScopeItem(admin, id, "Windows");
    expect(await admin.run(update, { input: { id: doors, acceptanceCriteria: ["They open"], status: "IN_PROGRESS" } })).toEqual({
      updateScopeItem: { scopeItem: { title: "Doors", acceptanceCriteria: ["They open"], status: "IN_PROGRESS", version: 2 } },
    });
    expect(await admin.refusal(update, { input: { id: doors, expectedVersion: 1, title: "Gates" } })).toBe("CONFLICT");
    await admin.run(remove, { id: windows });
    expect(await admin.refusal(remove, { id: windows })).toBe("NOT_FOUND");
    expect(await admin.run(items, { id })).toEqual({
      project: { scopeItems: [{ title: "Doors", acceptanceCriteria: ["They open"], status: "IN_PROGRESS" }], scopeVersion: null },
    });
  });

  test("names all problems of an item", async () => {
    const input = { projectId: await aProject(admin), title: " ", acceptanceCriteria: ["It works", ""] };
    const error = await admin.refused("mutation ($input: CreateScopeItemInput!) { createScopeItem(input: $input) { scopeItem { id } } }", {
      input,
    });
    const problems = error.extensions?.["problems"] as { path: string }[] | undefined;
    expect(problems?.map(({ path }) => path)).toEqual(["input.title", "input.acceptanceCriteria.1"]);
  });

  test("cannot be approved without items", async () => {
    expect(await admin.refusal(approve, { id: await aProject(admin) })).toBe("BAD_USER_INPUT");
  });
});

describe("the first approval", () => {
  test("freezes a version with a hash that everybody can verify", async () => {
    const id = await aProject(admin, "Hall");
    await aScopeItem(admin, id, "Doors", { acceptanceCriteria: ["They open"] });
    await admin.run('mutation ($id: ID!) { updateProject(input: { id: $id, endsOn: "2026-12-31" }) { project { id } } }', { id });
    await approveScope(admin, id);
    const fields = "number items { title acceptanceCriteria } endsOn budget { amount } hash hashedText isHashValid approvedBy { id }";
    const { project } = await admin.run<{ project: { scopeVersion: { hash: string; hashedText: string } } }>(
      `query ($id: ID!) { project(id: $id) { scopeVersion { ${fields} } scopeVersions { number } } }`,
      { id },
    );
    expect(project).toMatchObject({
      scopeVersion: {
        number: 1,
        items: [{ title: "Doors", acceptanceCriteria: ["They open"] }],
        endsOn: "2026-12-31",
        budget: null,
        isHashValid: true,
        approvedBy: { id: admin.id },
      },
      scopeVersions: [{ number: 1 }],
    });
    const { hash, hashedText } = project.scopeVersion;
    expect(createHash("sha256").update(hashedText).digest("hex")).toBe(hash);
    const tamper = () =>
      sql`update vendors.scope_versions set content = jsonb_set(content, '{endsOn}', '"2027-01-01"') where project_id = ${decodeId("project", id)}`;
    await expect(tamper()).rejects.toThrow("is approved and cannot be changed");
  });

  test("leaves only the status of items to direct changes", async () => {
    const id = await aProject(admin);
    const item = await aScopeItem(admin, id);
    await approveScope(admin, id);
    expect(await admin.refusal(update, { input: { id: item, title: "Gates" } })).toBe("CONFLICT");
    expect(await admin.refusal(remove, { id: item })).toBe("CONFLICT");
    const error = await admin.refused("mutation ($input: CreateScopeItemInput!) { createScopeItem(input: $input) { scopeItem { id } } }", {
      input: { projectId: id, title: "Windows" },
    });
    expect(error.message).toContain("proposeScopeChange");
    expect(await admin.run(update, { input: { id: item, status: "ACCEPTED" } })).toMatchObject({
      updateScopeItem: { scopeItem: { title: "Doors", status: "ACCEPTED" } },
    });
  });

  test("succeeds once, although two users approve at the same time", async () => {
    const id = await aProject(admin);
    await aScopeItem(admin, id);
    const results = await Promise.allSettled([approveScope(admin, id), approveScope(await acme.user("workflow_manager"), id)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("access", () => {
  test("viewers read scopes and change nothing", async () => {
    const id = await aProject(admin);
    const item = await aScopeItem(admin, id);
    const viewer = await acme.user("viewer");
    expect(await viewer.run(items, { id })).toMatchObject({ project: { scopeItems: [{ title: "Doors" }] } });
    expect(await viewer.refusal(update, { input: { id: item, title: "Gates" } })).toBe("FORBIDDEN");
    expect(await viewer.refusal(approve, { id })).toBe("FORBIDDEN");
  });

  test("another tenant sees nothing", async () => {
    const id = await aProject(admin);
    const item = await aScopeItem(admin, id);
    const globex = await aPlanningTenant(weft);
    expect(await globex.admin.refusal(items, { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(approve, { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(remove, { id: item })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(update, { input: { id: item, title: "Gates" } })).toBe("NOT_FOUND");
  });
});
