import { getNamedType, getNullableType, type GraphQLInputType, isInputObjectType, isListType } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn, sized } from "../sizes.js";
import { callerOf, operationFor, type RootField } from "./api-schema.js";
import { mutationCaseOf } from "./cases.js";
import type { TestUser } from "../test-user.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { actorOf, inputOf, mutations } from "./walk.js";

// A name that looks like another name is deceptive. Every single-line text in a mutation's input must reject invisible characters and characters that
// change the text direction.

const hostile = { "a change of direction": "Ada\u202Eeve", "a space without width": "Ada\u200Beve" };

/** Texts that are not names, by field name. */
const free: Readonly<Record<string, string>> = {
  comment: "prose",
  description: "prose",
  message: "prose",
  reason: "prose",
  text: "prose",
  note: "prose",
  terms: "prose: the text of a contract",
  ownerNotes: "prose",
  decision: "prose",
  instructions: "prose: what an agent is told",
  mitigation: "prose",
  outcome: "prose",
  acceptWeakerRules: "prose: a reason",
  address: "prose: the address of a building",
  subject: "a template, whose result is cleaned when it is rendered",
  body: "a template, whose result is cleaned when it is rendered",
  source: "a document, with problems of its own",
  password: "a secret",
  currentPassword: "a secret",
  newPassword: "a secret",
  token: "a secret",
  refreshToken: "a secret",
  deviceToken: "a secret",
  login: "what is looked up",
  tenant: "what is looked up",
  template: "what is looked up",
  transition: "what is looked up, where it is used",
  checkpoint: "signed text, which is verified in the background",
  idempotencyKey: "the client's own; nobody else sees it",
};

/** Mutations whose texts are what is looked up. Errors are part of the response; scim.test.ts tries the texts that are stored. */
const apart: ReadonlySet<string> = new Set([
  "sendScimRequest",
  // Their codes are compared, and needed only by users who already have a second factor.
  "enrolTotp",
  "startPasskeyRegistration",
]);

interface Place {
  readonly root: RootField;
  /** Path below `input`: `admin.name`, `tags.0`. */
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
  return input && !apart.has(root.name)
    ? within("input", input.type, []).map(({ path }) => ({ root, path: path.slice("input.".length) }))
    : [];
}

const nameOf = (path: string): string => path.split(".").findLast((part) => part !== "0") ?? path;
const places = mutations.flatMap(textsOf).filter(({ path }) => !Object.hasOwn(free, nameOf(path)));

/** Returns the input with the text at the path. Null if the case has no object to put it in. */
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

test("the walk finds the name fields of every type", () => {
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

interface Valid {
  readonly actor: TestUser;
  readonly input: Record<string, unknown>;
}

/** Valid input of each mutation. A refused call changes nothing, so all calls use the same objects. */
const valid = new Map<string, Valid>();

async function validFor({ name }: RootField): Promise<Valid> {
  const given = mutationCaseOf(name);
  const known = valid.get(name);
  if (known) return known;
  const actor = await actorOf(tenants.weft, tenants.acme, given);
  const made = { actor, input: await given.input(tenants.acme, actor) };
  valid.set(name, made);
  return made;
}

/** Returns the places that accept the text. */
async function accepting(text: string, among: readonly Place[]): Promise<string[]> {
  const taken: string[] = [];
  for (const { root, path } of among) {
    const { actor, input } = await validFor(root);
    const changed = withText(input, path.split("."), text) as Record<string, unknown>;
    const { errors = [] } = await callerOf(root, actor).send(operationFor(root, 0), inputOf(root, changed));
    if (errors.length === 0) taken.push(`${root.name} ${path}`);
  }
  return taken;
}

/** The places to which a run sends the text: all of them in a whole run, else some in which no other text of the list is tried. */
const placesFor = (text: string): Place[] => {
  const texts = Object.values(hostile);
  const own = places.filter((_place, index) => index % texts.length === texts.indexOf(text));
  return drawn(sized({ part: own, whole: places }), { of: 1 });
};

test.each(Object.entries(hostile))("no single-line text accepts %s", async (_what, text) => {
  expect(await accepting(text, placesFor(text))).toEqual([]);
});

test.each(["a@[127.0.0.1]", "a@127.0.0.1", "a@[IPv6:::1]", "a@host.example]"])("no email field accepts %s", async (email) => {
  const fields = places.filter(({ path }) => nameOf(path) === "email");
  expect(await accepting(email, drawn(fields, { of: 1 }))).toEqual([]);
});
