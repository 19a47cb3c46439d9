import { getNamedType, getNullableType, type GraphQLInputObjectType, type GraphQLInputType, isInputObjectType, isListType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestTenant } from "../test-tenant.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { composedApi, operationFor, type RootField, rootFieldsOf } from "./api-schema.js";
import { explainedMembers } from "./explained-members.js";

// Whoever sends more than an input declares gets nowhere: no member reaches a row unless the input has a field for it.

/** What an attacker adds: columns of our tables, and what every object has. */
const extras = [
  "tenantId",
  "tenant",
  "roles",
  "roleKeys",
  "isAdmin",
  "permissions",
  "grants",
  "version",
  "status",
  "state",
  "createdBy",
  "createdAt",
  "updatedAt",
  "ownerId",
  "userId",
  "vendorId",
  "type",
  "kind",
  "plan",
  "number",
  "actorId",
  "operatorId",
  "sessionId",
  "onBehalfOf",
  "passwordHash",
  "rightsVersion",
  "isShipped",
  "isVerified",
  "definitionId",
  "instanceId",
  "toString",
  "hasOwnProperty",
];

/** Members that would decide over rights, owners or states: each that a mutation does take is explained. */
const weighty =
  /^(tenants?|roles?|permissions?|admin|operator|grants|denials|version|state|status|plan|type|kind|number|password\w*|created\w+|updated\w+|is[A-Z]\w*|(tenant|role|parent|owner|user|vendor|team|actor|operator|session)(Id|Key)s?|onBehalfOf|limits?)$/;

interface Place {
  readonly root: RootField;
  /** Of the variables: `input`, `input.admin`, `filter.and.0`. */
  readonly path: string;
  readonly type: GraphQLInputObjectType;
}

const roots = rootFieldsOf(composedApi());

/** Every input object that a root field takes, each type once per field. */
function placesOf(root: RootField): Place[] {
  const seen = new Set<string>();
  const within = (path: string, type: GraphQLInputType): Place[] => {
    const named = getNamedType(type);
    if (!isInputObjectType(named) || seen.has(named.name)) return [];
    seen.add(named.name);
    const at = isListType(getNullableType(type)) ? `${path}.0` : path;
    return [
      { root, path: at, type: named },
      ...Object.values(named.getFields()).flatMap((field) => within(`${at}.${field.name}`, field.type)),
    ];
  };
  return root.field.args.flatMap((argument) => within(argument.name, argument.type));
}

// Filters share their operators: once for each type is enough.
const lookedAt = new Set<string>();
const places = roots
  .filter(({ kind }) => kind !== "subscription")
  .flatMap(placesOf)
  .filter(({ root, type }) => root.kind === "mutation" || (!lookedAt.has(type.name) && lookedAt.add(type.name)));
const inputsOfMutations = new Map(places.filter(({ root }) => root.kind === "mutation").map(({ type }) => [type.name, type]));

/** `{ a: { b: [member] } }` of the path `a.b.0`. */
function objectAt(path: string, members: unknown): Record<string, unknown> {
  return path.split(".").reduceRight<unknown>((value, step) => (step === "0" ? [value] : { [step]: value }), members) as Record<
    string,
    unknown
  >;
}

/** At most eight at a time. */
async function forEach<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const work = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await run(one);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

let weft: TestWeft;
let tenant: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft();
  tenant = await weft.tenant();
});
afterAll(() => weft.stop());

test("inputs declare no member that decides over rights, owners or states but the explained ones", () => {
  const declared = [...inputsOfMutations.values()].flatMap((type) =>
    Object.keys(type.getFields()).flatMap((field) => (weighty.test(field) ? [`${type.name}.${field}`] : [])),
  );
  expect(Object.keys(explainedMembers).toSorted(), "explain it in explained-members.ts, or leave it out of the input").toEqual(
    declared.toSorted(),
  );
});

test("no input takes a member that it does not declare, however deep", async () => {
  expect(places.length).toBeGreaterThan(50);
  const accepted: string[] = [];
  await forEach(places, async ({ root, path, type }) => {
    const undeclared = extras.filter((name) => !Object.hasOwn(type.getFields(), name));
    const variables = objectAt(path, Object.fromEntries(undeclared.map((name) => [name, "x"])));
    const { data, errors = [] } = await tenant.admin.send(operationFor(root, 0), variables);
    const refused = errors.filter(({ extensions }) => extensions?.code === "BAD_USER_INPUT").map(({ message }) => message);
    const wanted = (name: string): string => `Field "${name}" is not defined by type "${type.name}".`;
    const missing = undeclared.filter((name) => !refused.some((message) => message.includes(wanted(name))));
    if (missing.length > 0 || (data ?? null) !== null)
      accepted.push(`${root.name} ${path}: ${missing.join(", ")} ${JSON.stringify(errors).slice(0, 300)}`);
  });
  expect(accepted).toEqual([]);
});

test("names that reach into prototypes are refused anywhere, in free data too", async () => {
  const free = places.flatMap(({ root, path, type }) =>
    Object.values(type.getFields())
      .filter((field) => getNamedType(field.type).name === "JSON")
      .map((field) => ({ root, path: `${path}.${field.name}.deep` })),
  );
  expect(free.length).toBeGreaterThan(2);
  const accepted: string[] = [];
  await forEach([...places, ...free], async ({ root, path }) => {
    const variables = objectAt(path, JSON.parse('{ "__proto__": { "isAdmin": true } }'));
    const { data, errors = [] } = await tenant.admin.send(operationFor(root, 0), variables);
    const codes = [...new Set(errors.map(({ extensions }) => extensions?.code))];
    if ((data ?? null) !== null || codes.join() !== "BAD_USER_INPUT") accepted.push(`${root.name} ${path}: ${codes.join()}`);
  });
  expect(accepted).toEqual([]);
  expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
});

test("written into the document, they fail its validation", async () => {
  const inputs = roots.filter(({ kind, field }) => kind === "mutation" && field.args.length > 0);
  const codes = await Promise.all(
    inputs.map(
      async ({ name }) => [name, await tenant.admin.refusal(`mutation { ${name}(input: { isAdmin: true }) { __typename } }`)] as const,
    ),
  );
  expect(codes.filter(([, code]) => code !== "GRAPHQL_VALIDATION_FAILED")).toEqual([]);
});

describe("a valid input with a member more writes nothing", () => {
  const person = { email: "mallory@example.com", name: "Mallory", roleKeys: ["viewer"] };
  test.each([
    ["createUser", "CreateUserInput", person, { isAdmin: true }],
    ["createUser", "CreateUserInput", person, { tenantId: "ten_x" }],
    ["createUser", "CreateUserInput", person, { status: "ACTIVE" }],
    ["createTeam", "CreateTeamInput", { key: "mallory", name: "Mallory" }, { tenantId: "ten_x" }],
    ["createRole", "CreateRoleInput", { key: "mallory", name: "Mallory", permissions: [] }, { isShipped: true }],
    ["createBuilding", "CreateBuildingInput", { code: "MALLORY", name: "Mallory" }, { version: 7 }],
  ])("of %s (%s), %j and %j", async (name, type, valid, more) => {
    const mutation = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`;
    const refused = await tenant.admin.refused(mutation, { input: { ...valid, ...more } });
    expect(refused.extensions?.code).toBe("BAD_USER_INPUT");
    expect(refused.message).toContain(`Field "${Object.keys(more)[0]}" is not defined`);
    const left = await tenant.admin.run(
      "{ users(first: 50) { edges { node { name } } } teams { edges { node { name } } } roles(first: 50) { edges { node { name } } } buildings { edges { node { name } } } }",
    );
    expect(JSON.stringify(left)).not.toContain("Mallory");
  });
});
