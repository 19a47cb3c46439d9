import { sharedWeft, type TestTenant, type TestUser, type SharedWeft, userWithKey } from "@weft/testkit";
import { beforeAll, beforeEach, expect, test } from "vitest";

const source = `weft: 1
key: loan
name: Loan
initial: open
states:
  open: { transitions: { close: { to: done } } }
  done: { final: completed }
`;
const set = 'mutation ($on: JSON!) { updateConfiguration(input: { patch: $on, message: "Two people" }) { configuration { version } } }';
const create = "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }";
const update = "mutation ($id: ID!, $source: String!) { updateDefinition(input: { id: $id, source: $source }) { definition { id } } }";
const clone = "mutation ($id: ID!) { cloneDefinition(input: { id: $id }) { definition { id } } }";
const publish =
  "mutation ($id: ID!, $in: Environment) { publishDefinition(input: { id: $id, environment: $in }) { definition { status } } }";
const promote = "mutation ($id: ID!) { promoteDefinition(input: { id: $id, to: STAGING }) { definition { environments } } }";
const published = { publishDefinition: { definition: { status: "PUBLISHED" } } };

let weft: SharedWeft;
let tenant: TestTenant;
let author: TestUser;
let other: TestUser;
beforeAll(async () => void (weft = await sharedWeft()));
beforeEach(async () => {
  tenant = await weft.tenant();
  [author, other] = [await tenant.user("admin"), await tenant.user("admin")];
});

const turn = (fourEyesPublishing: boolean) => tenant.admin.run(set, { on: { security: { fourEyesPublishing } } });
const draft = async (): Promise<string> =>
  (await author.run<{ createDefinition: { definition: { id: string } } }>(create, { source })).createDefinition.definition.id;

test("a draft cannot be published by its creator or by anyone who has updated it", { tags: "slow" }, async () => {
  await turn(true);
  const id = await draft();
  const { message, extensions } = await author.refused(publish, { id });
  expect([extensions?.code, message]).toEqual(["FORBIDDEN", expect.stringContaining("You are an author of version 1 of loan")]);
  await other.run(update, { id, source: source.replace("Loan", "Credit") });
  expect(await other.refusal(publish, { id })).toBe("FORBIDDEN");
  expect(await author.refusal(publish, { id })).toBe("FORBIDDEN");
  expect(await tenant.admin.run(publish, { id })).toMatchObject(published);
});

test("a copy of a draft has the same authors as the draft", async () => {
  await turn(true);
  const { cloneDefinition } = await other.run<{ cloneDefinition: { definition: { id: string } } }>(clone, { id: await draft() });
  const { id } = cloneDefinition.definition;
  for (const somebody of [author, other]) expect(await somebody.refusal(publish, { id })).toBe("FORBIDDEN");
  expect(await tenant.admin.run(publish, { id })).toMatchObject(published);
});

test("a version that its author published while the setting was off must be promoted by another user", async () => {
  const id = await draft();
  expect(await author.run(publish, { id, in: "DEV" })).toMatchObject(published);
  await turn(true);
  expect(await author.refusal(promote, { id })).toBe("FORBIDDEN");
  expect(await other.run(promote, { id })).toMatchObject({ promoteDefinition: { definition: { environments: ["DEV", "STAGING"] } } });
});

test("a version that another user has published can be promoted by its author", async () => {
  await turn(true);
  const id = await draft();
  await other.run(publish, { id, in: "DEV" });
  expect(await author.run(promote, { id })).toMatchObject({ promoteDefinition: { definition: { environments: ["DEV", "STAGING"] } } });
});

test("a service account does not count as a second reviewer", async () => {
  const { createServiceAccount } = await tenant.admin.run<{ createServiceAccount: { user: { id: string } } }>(
    "mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { user { id } } }",
    { input: { name: "Robot", username: "robot", roleKeys: ["admin"] } },
  );
  const userId = createServiceAccount.user.id;
  const robot = await userWithKey(tenant.admin, ["definition.read", "definition.publish"], { userId });
  await turn(true);
  const id = await draft();
  expect((await robot.refused(publish, { id })).message).toContain("Service accounts cannot be the second person");
});

test("the API key of a colleague does not count as a second reviewer, but the colleague does", async () => {
  const program = await userWithKey(other, ["definition.read", "definition.publish"]);
  await turn(true);
  const id = await draft();
  expect((await program.refused(publish, { id })).message).toContain("With an API key, nobody can be the second person");
  expect(await other.run(publish, { id })).toMatchObject(published);
});

test("without the setting, authors publish what they wrote", async () => {
  expect(await author.run(publish, { id: await draft() })).toMatchObject(published);
});
