import { sharedWeft, type SharedWeft, type TestUser } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const query = `query ($actorIds: [ID!]!, $from: DateTime, $to: DateTime) {
  lastActions(actorIds: $actorIds, from: $from, to: $to) { actor { id } action lastAt count } }`;

interface Action {
  readonly actor: { readonly id: string } | null;
  readonly action: string;
  readonly lastAt: string;
  readonly count: number;
}

const actionsOf = async (user: TestUser, variables: object): Promise<readonly Action[]> =>
  (await user.run<{ lastActions: readonly Action[] }>(query, { ...variables })).lastActions;

async function createBuildings(user: TestUser, codes: readonly string[]): Promise<void> {
  for (const code of codes)
    await user.run("mutation ($code: String!) { createBuilding(input: { code: $code, name: $code }) { building { id } } }", { code });
}

test("shows the newest entry and the number of entries of each user and action", async () => {
  const { admin } = await weft.tenant();
  await createBuildings(admin, ["A", "B"]);
  const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { at: string } }[] } }>(
    '{ auditEntries(filter: { action: { eq: "building.create" } }, first: 1) { edges { node { at } } } }',
  );
  const at = auditEntries.edges[0]?.node.at;
  expect(await actionsOf(admin, { actorIds: [admin.id] })).toContainEqual({
    actor: { id: admin.id },
    action: "building.create",
    lastAt: at,
    count: 2,
  });
  expect(await actionsOf(admin, { actorIds: [admin.id], to: "2020-01-01T00:00:00Z" })).toEqual([]);
  expect(await actionsOf(admin, { actorIds: [admin.id], from: "2020-01-01T00:00:00Z", to: at })).not.toContainEqual(
    expect.objectContaining({ action: "building.create", count: 2 }),
  );
});

test("shows nothing about users of another organization, and only one's own actions in scope OWN", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  await createBuildings(acme.admin, ["A"]);
  expect(await globex.admin.refusal(query, { actorIds: [acme.admin.id] })).toBe("BAD_USER_INPUT");
  await acme.role("own_auditor", ["audit.read"], "OWN");
  const own = await acme.user("own_auditor");
  expect(await own.refusal(query, { actorIds: [acme.admin.id, own.id] })).toBe("BAD_USER_INPUT");
  expect((await actionsOf(own, { actorIds: [own.id] })).map(({ action }) => action)).toEqual(["session.login"]);
});

test("refuses more users than it reads at once, and users without the permission", async () => {
  const acme = await weft.tenant();
  const actorIds = Array.from({ length: 51 }, () => acme.admin.id);
  expect(await acme.admin.refusal(query, { actorIds })).toBe("BAD_USER_INPUT");
  expect(await (await acme.user("requester")).refusal(query, { actorIds: [acme.admin.id] })).toBe("FORBIDDEN");
});
