import { newId } from "@weft/shared/ids";
import { sharedWeft, type SharedWeft, type TestTenant, type TestUser } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let ada: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  ada = acme.admin;
});

const create = "mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id key name version } } }";
const update = "mutation ($input: UpdateApplicationInput!) { updateApplication(input: $input) { application { id key name version } } }";
const remove = "mutation ($input: VersionedIdInput!) { deleteApplication(input: $input) { id } }";
const one = "query ($id: ID!) { application(id: $id) { id key name version } }";
const list = "query ($filter: ApplicationFilter) { applications(filter: $filter) { edges { node { key } } totalCount } }";

async function anApplication(key = `a${newId().slice(-12)}`): Promise<string> {
  const { createApplication } = await ada.run<{ createApplication: { application: { id: string } } }>(create, {
    input: { key, name: `Name of ${key}` },
  });
  return createApplication.application.id;
}

describe("applications", () => {
  test("are created with a key and a name", async () => {
    const id = await anApplication("field-app");
    expect(await ada.run(one, { id })).toEqual({ application: { id, key: "field-app", name: "Name of field-app", version: 1 } });
  });

  test("have a key that is unique in the tenant", async () => {
    await anApplication("twice");
    expect(await ada.refused(create, { input: { key: "twice", name: "Again" } })).toMatchObject({
      extensions: { code: "BAD_USER_INPUT", problems: [{ path: "input.key" }] },
    });
  });

  test("refuse what is not a key and an empty name, both at once", async () => {
    const { extensions } = await ada.refused(create, { input: { key: "Field App", name: " " } });
    expect(extensions?.["problems"]).toMatchObject([{ path: "input.name" }, { path: "input.key" }]);
  });

  test("change their name, unless somebody else was faster", async () => {
    const id = await anApplication();
    expect(await ada.run(update, { input: { id, name: "Renamed", expectedVersion: 1 } })).toMatchObject({
      updateApplication: { application: { name: "Renamed", version: 2 } },
    });
    expect(await ada.refusal(update, { input: { id, name: "Late", expectedVersion: 1 } })).toBe("CONFLICT");
  });

  test("are deleted", async () => {
    const id = await anApplication();
    expect(await ada.run(remove, { input: { id } })).toEqual({ deleteApplication: { id } });
    expect(await ada.refusal(one, { id })).toBe("NOT_FOUND");
  });

  test("are listed by name, and found by key", async () => {
    const tenant = await weft.tenant("Lists");
    for (const key of ["c", "a", "b"]) await tenant.admin.run(create, { input: { key, name: key } });
    expect(await tenant.admin.run(list)).toEqual({
      applications: { edges: ["a", "b", "c"].map((key) => ({ node: { key } })), totalCount: 3 },
    });
    expect(await tenant.admin.run(list, { filter: { key: { eq: "b" } } })).toMatchObject({ applications: { totalCount: 1 } });
  });

  test("leave an audit entry for every change", async () => {
    const id = await anApplication();
    await ada.run(update, { input: { id, name: "Renamed" } });
    await ada.run(remove, { input: { id } });
    const { auditEntries } = await ada.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
      "query ($filter: AuditEntryFilter) { auditEntries(filter: $filter, first: 10) { edges { node { action } } } }",
      { filter: { entityId: { eq: id } } },
    );
    expect(auditEntries.edges.map(({ node }) => node.action).toSorted()).toEqual([
      "application.create",
      "application.delete",
      "application.update",
    ]);
  });

  test("need permissions to be seen and changed", async () => {
    const id = await anApplication();
    const olga = await acme.user("operations");
    expect(await olga.refusal(one, { id })).toBe("FORBIDDEN");
    const dev = await acme.user("developer");
    expect(await dev.run(one, { id })).toMatchObject({ application: { id } });
    expect(await dev.refusal(create, { input: { key: "mine", name: "Mine" } })).toBe("FORBIDDEN");
  });
});

describe("another tenant", () => {
  test("neither reads nor changes an application", async () => {
    const id = await anApplication();
    const globex = await weft.tenant("Globex");
    expect(await globex.admin.refusal(one, { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    expect(await globex.admin.run(list)).toEqual({ applications: { edges: [], totalCount: 0 } });
  });
});
