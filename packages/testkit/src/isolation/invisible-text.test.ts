import { getNamedType, getNullableType, type GraphQLInputType, isInputObjectType, isListType } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operationFor, type RootField } from "./api-schema.js";
import { mutationCases } from "./cases.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { actorOf, inputOf, mutations } from "./walk.js";

// A name that reads as another one deceives whoever sees it: every text of one line that a mutation takes refuses what nobody sees, and what turns the direction of text.

const hostile = { "a change of direction": "Ada\u202Eeve", "a space without width": "Ada\u200Beve" };

/** Texts that nobody takes for the name of something, by the field's name. */
const free: Readonly<Record<string, string>> = {
  comment: "prose",
  description: "prose",
  message: "prose",
  reason: "prose",
  text: "prose",
  note: "prose",
  acceptWeakerRules: "prose: a reason",
  address: "prose: the address of a building",
  source: "a document, with problems of its own",
  password: "a secret",
  currentPassword: "a secret",
  newPassword: "a secret",
  token: "a secret",
  refreshToken: "a secret",
  login: "what is looked up",
  tenant: "what is looked up",
  transition: "what is looked up, where it is used",
  checkpoint: "signed text, which is verified in the background",
  idempotencyKey: "the client's own; nobody else sees it",
};

interface Place {
  readonly root: RootField;
  /** Below `input`: `admin.name`, `tags.0`. */
  readonly path: string;
}

function textsOf(root: RootField): Place[] {
  const within = (path: string, type: GraphQLInputType, seen: readonly string[]): Place[] => {
    const at = isListType(getNullableType(type)) ? `${path}.0` : path;
    const named = getNamedType(type);
    if (isInputObjectType(named)) {
      if (seen.includes(named.name) || named.name.endsWith("Filter")) return [];
      return Object.values(named.getFields()).flatMap((field) => within(`${at}.${field.name}`, field.type, [...seen, named.name]));
    }
    return named.name === "String" ? [{ root, path: at }] : [];
  };
  const [input] = root.field.args;
  return input ? within("input", input.type, []).map(({ path }) => ({ root, path: path.slice("input.".length) })) : [];
}

const nameOf = (path: string): string => path.split(".").findLast((part) => part !== "0") ?? path;
const places = mutations.flatMap(textsOf).filter(({ path }) => !Object.hasOwn(free, nameOf(path)));

/** The input with the text at the path; null where the case gives no object to put it in. */
function withText(value: unknown, [step, ...more]: readonly string[], text: string): unknown {
  if (step === undefined) return text;
  if (step === "0") {
    const [first, ...others] = Array.isArray(value) ? (value as unknown[]) : [];
    return [withText(first, more, text), ...others];
  }
  const object = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return { ...object, [step]: withText(object[step], more, text) };
}

let tenants: TwoTenants;
beforeAll(async () => {
  tenants = await startTwoTenants();
});
afterAll(() => tenants.stop());

test("the walk finds the names of everything", () => {
  const found = places.map(({ root, path }) => `${root.name} ${path}`);
  expect(found).toEqual(
    expect.arrayContaining([
      "createVendor name",
      "createVendor categories.0",
      "createProject name",
      "createBuilding code",
      "updateAsset tag",
      "cloneDefinition name",
      "createDefinition tags.0",
      "registerOrganization admin.name",
      "inviteUser username",
    ]),
  );
});

test.each(Object.entries(hostile))("no text of one line takes %s", async (_what, text) => {
  const taken: string[] = [];
  for (const { root, path } of places) {
    const given = mutationCases[root.name];
    if (given === undefined) throw new Error(`${root.name} has no case: give it one in cases/.`);
    const actor = await actorOf(tenants.weft, tenants.acme, given);
    const input = withText(await given.input(tenants.acme, actor), path.split("."), text) as Record<string, unknown>;
    const { errors = [] } = await actor.send(operationFor(root, 0), inputOf(root, input));
    if (errors.length === 0) taken.push(`${root.name} ${path}`);
  }
  expect(taken).toEqual([]);
});

test.each(["a@[127.0.0.1]", "a@127.0.0.1", "a@[IPv6:::1]", "a@host.example]"])("no email of anything is %s", async (email) => {
  const taken: string[] = [];
  for (const { root, path } of places.filter((one) => nameOf(one.path) === "email")) {
    const given = mutationCases[root.name];
    if (given === undefined) throw new Error(`${root.name} has no case: give it one in cases/.`);
    const actor = await actorOf(tenants.weft, tenants.acme, given);
    const input = withText(await given.input(tenants.acme, actor), path.split("."), email) as Record<string, unknown>;
    const { errors = [] } = await actor.send(operationFor(root, 0), inputOf(root, input));
    if (errors.length === 0) taken.push(`${root.name} ${path}`);
  }
  expect(taken).toEqual([]);
});
