import { getNamedType, getNullableType, type GraphQLInputObjectType, type GraphQLInputType, isInputObjectType, isListType } from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { drawn } from "../sizes.js";
import type { TestTenant } from "../test-tenant.js";
import { sharedWeft } from "../shared-weft.js";
import type { SharedWeft } from "../test-weft.js";
import { callerOf, composedApi, operationFor, type RootField, rootFieldsOf } from "./api-schema.js";
import { explainedMembers } from "./explained/explained-members.js";

// Sending members that an input does not declare has no effect: a member reaches a row only if the input has a field for it.

/** Members that an attacker adds: columns of our tables, and properties that every object has. */
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
  "isBuiltIn",
  "isVerified",
  "definitionId",
  "instanceId",
  "toString",
  "hasOwnProperty",
];

/** Members that would decide rights, owners or states. Each of them that a mutation accepts must be explained. */
const weighty =
  /^(tenants?|roles?|permissions?|admin|operator|grants|denials|version|state|status|plan|type|kind|number|password\w*|created\w+|updated\w+|is[A-Z]\w*|(tenant|role|parent|owner|user|vendor|team|actor|operator|session)(Id|Key)s?|onBehalfOf|limits?)$/;

interface Place {
  readonly root: RootField;
  /** Path in the variables: `input`, `input.admin`, `filter.and.0`. */
  readonly path: string;
  readonly type: GraphQLInputObjectType;
}

const roots = rootFieldsOf(composedApi());

/** Returns the input objects that a root field takes, each type once per field. */
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

// Filters share their operators, so each type is tested only once.
const lookedAt = new Set<string>();
const places = roots
  .filter(({ kind }) => kind !== "subscription")
  .flatMap(placesOf)
  .filter(({ root, type }) => root.kind === "mutation" || (!lookedAt.has(type.name) && lookedAt.add(type.name)));
const inputsOfMutations = new Map(places.filter(({ root }) => root.kind === "mutation").map(({ type }) => [type.name, type]));

/** Returns `{ a: { b: [member] } }` for the path `a.b.0`. */
function objectAt(path: string, members: unknown): Record<string, unknown> {
  return path.split(".").reduceRight<unknown>((value, step) => (step === "0" ? [value] : { [step]: value }), members) as Record<
    string,
    unknown
  >;
}

/** Runs at most eight at a time. */
async function forEach<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const work = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await run(one);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

let weft: SharedWeft;
let tenant: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
});

test("no input declares a field that controls rights, owners, or states, except the documented ones", () => {
  const declared = [...inputsOfMutations.values()].flatMap((type) =>
    Object.keys(type.getFields()).flatMap((field) => (weighty.test(field) ? [`${type.name}.${field}`] : [])),
  );
  expect(Object.keys(explainedMembers).toSorted(), "explain it in explained-members.ts, or leave it out of the input").toEqual(
    declared.toSorted(),
  );
});

test("no input accepts an undeclared field, at any depth", async () => {
  expect(places.length).toBeGreaterThan(50);
  const accepted: string[] = [];
  await forEach(drawn(places, { of: 3 }), async ({ root, path, type }) => {
    const undeclared = extras.filter((name) => !Object.hasOwn(type.getFields(), name));
    const variables = objectAt(path, Object.fromEntries(undeclared.map((name) => [name, "x"])));
    const { data, errors = [] } = await callerOf(root, tenant.admin).send(operationFor(root, 0), variables);
    const refused = errors.filter(({ extensions }) => extensions?.code === "BAD_USER_INPUT").map(({ message }) => message);
    const wanted = (name: string): string => `Field "${name}" is not defined by type "${type.name}".`;
    const missing = undeclared.filter((name) => !refused.some((message) => message.includes(wanted(name))));
    if (missing.length > 0 || (data ?? null) !== null)
      accepted.push(`${root.name} ${path}: ${missing.join(", ")} ${JSON.stringify(errors).slice(0, 300)}`);
  });
  expect(accepted).toEqual([]);
});

test("refuses names that reach into prototypes everywhere, also in free-form data", async () => {
  const free = places.flatMap(({ root, path, type }) =>
    Object.values(type.getFields())
      .filter((field) => getNamedType(field.type).name === "JSON")
      .map((field) => ({ root, path: `${path}.${field.name}.deep` })),
  );
  expect(free.length).toBeGreaterThan(2);
  const accepted: string[] = [];
  await forEach([...drawn(places, { of: 3 }), ...free], async ({ root, path }) => {
    const variables = objectAt(path, JSON.parse('{ "__proto__": { "isAdmin": true } }'));
    const { data, errors = [] } = await callerOf(root, tenant.admin).send(operationFor(root, 0), variables);
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

describe("a valid input with an additional field writes nothing", () => {
  const person = { email: "mallory@example.com", name: "Mallory", roleKeys: ["viewer"] };
  test.each([
    ["createUser", "CreateUserInput", person, { isAdmin: true }],
    ["createUser", "CreateUserInput", person, { tenantId: "ten_x" }],
    ["createUser", "CreateUserInput", person, { status: "ACTIVE" }],
    ["createTeam", "CreateTeamInput", { key: "mallory", name: "Mallory" }, { tenantId: "ten_x" }],
    ["createRole", "CreateRoleInput", { key: "mallory", name: "Mallory", permissions: [] }, { isBuiltIn: true }],
    ["createBuilding", "CreateBuildingInput", { code: "MALLORY", name: "Mallory" }, { version: 7 }],
  ])("in %s (%s), %j and %j", async (name, type, valid, more) => {
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
