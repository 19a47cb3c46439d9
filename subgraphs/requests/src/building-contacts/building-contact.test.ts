import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let app: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  app = postgres(weft.database.appUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await app.end();
});

const contacts = "contacts { role principal { ... on User { name } ... on Team { key } } }";
const set = `mutation ($input: SetBuildingContactInput!) { setBuildingContact(input: $input) { building { version ${contacts} } } }`;
const remove = `mutation ($input: RemoveBuildingContactInput!) { removeBuildingContact(input: $input) { building { version ${contacts} } } }`;
const read = `query ($id: ID!) { building(id: $id) { ${contacts} } }`;

async function building(code: string): Promise<string> {
  const { createBuilding } = await acme.admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code, name: "A house" } },
  );
  return createBuilding.building.id;
}

async function team(key: string): Promise<string> {
  const { createTeam } = await acme.admin.run<{ createTeam: { team: { id: string } } }>(
    "mutation ($input: CreateTeamInput!) { createTeam(input: $input) { team { id } } }",
    { input: { key, name: "Night shift" } },
  );
  return createTeam.team.id;
}

describe("the contacts of a building", () => {
  test("are users and teams with what they are in charge of, which can change", async () => {
    const [buildingId, teamId] = [await building("C-1"), await team("nights")];
    const principalId = acme.operations.id;
    await acme.admin.run(set, { input: { buildingId, principalId, role: "Caretaker" } });
    await acme.admin.run(set, { input: { buildingId, principalId: teamId, role: "At night" } });
    const changed = await acme.admin.run<object>(set, { input: { buildingId, principalId, role: "Manager", expectedVersion: 3 } });
    const name = expect.any(String) as string;
    expect(changed).toEqual({
      setBuildingContact: {
        building: {
          version: 4,
          contacts: [
            { role: "Manager", principal: { name } },
            { role: "At night", principal: { key: "nights" } },
          ],
        },
      },
    });
    expect(await acme.admin.run(remove, { input: { buildingId, principalId } })).toEqual({
      removeBuildingContact: { building: { version: 5, contacts: [{ role: "At night", principal: { key: "nights" } }] } },
    });
    const { building: audited } = await acme.admin.run<{ building: { auditTrail: { edges: { node: object }[] } } }>(
      "query ($id: ID!) { building(id: $id) { auditTrail(first: 2) { edges { node { action before after } } } } }",
      { id: buildingId },
    );
    const roles = (...names: string[]) =>
      expect.objectContaining({ contacts: names.map((role) => expect.objectContaining({ role }) as object) }) as object;
    expect(audited.auditTrail.edges.map(({ node }) => node)).toEqual([
      { action: "building.removeContact", before: roles("Manager", "At night"), after: roles("At night") },
      { action: "building.setContact", before: roles("Caretaker", "At night"), after: roles("Manager", "At night") },
    ]);
  });

  test("require building.update, the current version, and a user or team of the organization", async () => {
    const buildingId = await building("C-2");
    const input = { buildingId, principalId: acme.operations.id, role: "Caretaker" };
    expect(await acme.requester.refusal(set, { input })).toBe("FORBIDDEN");
    expect((await acme.admin.refused(set, { input: { ...input, expectedVersion: 7 } })).extensions).toMatchObject({
      code: "CONFLICT",
      currentVersion: 1,
    });
    const theirs = await weft.tenant();
    const unknown = await acme.admin.refused(set, { input: { ...input, principalId: theirs.admin.id } });
    expect(unknown.message).toBe(`input.principalId: No user with the ID ${theirs.admin.id} exists.`);
    const wrong = await acme.admin.refused(set, { input: { ...input, principalId: buildingId } });
    expect(wrong.message).toBe("input.principalId: Expected an ID that starts with usr_ or tem_.");
    const absent = await acme.admin.refused(remove, { input: { buildingId, principalId: acme.manager.id } });
    expect(absent.message).toBe(`input.principalId: ${acme.manager.id} is not a contact of the building.`);
    expect(await theirs.admin.refusal(set, { input: { ...input, principalId: theirs.admin.id } })).toBe("NOT_FOUND");
  });

  test("are hidden from users of a vendor", async () => {
    await acme.request("assigned");
    await acme.admin.run(set, { input: { buildingId: acme.buildingId, principalId: acme.operations.id, role: "Caretaker" } });
    expect((await acme.vendor.user.send<{ building: unknown }>(read, { id: acme.buildingId })).data).toEqual({
      building: { contacts: null },
    });
    const actions = await app.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${acme.tenant.id}, true), set_config('app.user_id', ${decodeId("user", acme.vendor.user.id)}, true),
        set_config('app.vendor_id', ${decodeId("vendor", acme.vendor.id)}, true)`;
      return tx<{ action: string }[]>`select distinct action from audit.entries where entity_id = ${decodeId("building", acme.buildingId)}`;
    });
    expect(actions.map(({ action }) => action)).toEqual(["building.create"]);
  });
});
