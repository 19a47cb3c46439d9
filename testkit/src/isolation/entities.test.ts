import { encodeId, entityIdTypes, type IdType, newId } from "@weft/shared/ids";
import type { CallContext } from "@weft/shared/viewer";
import type { Subgraph } from "@weft/api/subgraph";
import { allSubgraphs } from "@weft/standalone";
import {
  getNamedType,
  type GraphQLField,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExternal, selectionOf } from "./api-schema.js";
import { drawn } from "../sizes.js";
import { comparable, idsWithin } from "./answers.js";
import { callOf, startTwoTenants, type TwoTenants } from "./two-tenants.js";
import type { Fixture } from "./fixture.js";

// The rules do not cover reference resolvers. Each one is called directly, as the gateway would call it for a verified viewer.

interface Entity {
  readonly subgraph: string;
  readonly type: string;
  readonly key: "id" | "nodeKey";
  /** Selections of its fields. */
  readonly fields: readonly string[];
}

const entities = allSubgraphs().flatMap(entitiesOf);
let tenants: TwoTenants;
let acme: Fixture;
let globex: Fixture;
const calls = new Map<string, CallContext>();

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme, globex } = tenants);
  for (const [name, user] of [
    ["globex", globex.admin],
    ["acme", acme.admin],
    ["requester", acme.requester],
    ["vendor", acme.vendorUser],
  ] as const) {
    calls.set(name, await callOf(tenants.weft, user));
  }
});

afterAll(() => tenants.stop());

test("all five subgraphs have entities", () => {
  expect(new Set(entities.map(({ subgraph }) => subgraph)).size).toBe(5);
});

describe.each(drawn(entities, { of: 1 }))("$type of $subgraph by $key", (entity) => {
  const idType = entityIdTypes[entity.type];
  const idsOf = (fixture: Fixture): readonly string[] => (idType === undefined ? [] : (fixture.ids.get(idType) ?? []));
  const never = idType === undefined ? "" : encodeId(idType, newId());

  test("Globex cannot tell an id of Acme from one that was never issued", async () => {
    expect(idsOf(acme).length).toBeGreaterThan(0);
    const unknown = comparable(await ask("globex", entity, [never]), [never]);
    for (const id of idsOf(acme)) expect(comparable(await ask("globex", entity, [id]), [id])).toBe(unknown);
    const all = await ask("globex", entity, idsOf(acme));
    expect(idsWithin(all, acme, idsOf(acme))).toEqual([]);
  });

  test("the tenant's own entity is returned by its key alone", async () => {
    const ids = idsOf(globex);
    const answer = await ask("globex", entity, ids);
    expect(answer.errors).toBeUndefined();
    expect(entitiesIn(answer)).toHaveLength(ids.length);
    const shown = entitiesIn(answer).filter((each) => each !== null);
    expect(shown.length, "some of one's own").toBeGreaterThan(0);
    const forged = await ask("globex", entity, ids, {
      name: "forged",
      state: "closed",
      tenantId: acme.tenant.id,
      email: "forged@example.com",
      instanceId: acme.given.instanceId,
    });
    expect(comparable(forged, [])).toBe(comparable(answer, []));
  });

  test.each([
    ["requester", "hiddenFromRequester"],
    ["vendor", "hiddenFromVendor"],
  ] as const)("the %s cannot distinguish a hidden ID from one that was never issued", async (person, hidden) => {
    const ids = acme[hidden].filter((id) => idsOf(acme).includes(id));
    const unknown = comparable(await ask(person, entity, [never]), [never]);
    for (const id of ids) expect(comparable(await ask(person, entity, [id]), [id])).toBe(unknown);
  });

  test("an anonymous caller gets nothing", async () => {
    const [id = ""] = idsOf(acme);
    const answer = await execute(entity, { ...(calls.get("acme") as CallContext), viewer: null }, [
      { __typename: entity.type, [entity.key]: id },
    ]);
    expect(answer.errors?.map(({ extensions }) => extensions?.["code"])).toContain("UNAUTHENTICATED");
    expect(answer.data?.["_entities"] ?? null).toBeNull();
  });

  test("ids of other types, malformed ids, and keys that are not strings resolve to no entity", async () => {
    const others = [...acme.ids].filter(([type]) => type !== idType).map(([, ids]) => ids[0]);
    const keys = [
      ...others,
      "",
      "x",
      `${never}x`,
      never.toUpperCase(),
      7,
      null,
      ["a"],
      { id: never },
      "'; drop table identity.users; --",
      "x".repeat(100_000),
    ];
    const representations = keys.map((key) => ({ __typename: entity.type, [entity.key]: key }));
    const answer = await execute(entity, calls.get("acme") as CallContext, representations);
    expect(entitiesIn(answer)).toEqual(keys.map(() => null));
    expect(answer.errors).toBeUndefined();
  });
});

// An operation reads the columns that its fields declare. A field that uses another one fails when it is selected alone.
const eachOnce = [...new Map(entities.map((entity) => [`${entity.subgraph} ${entity.type}`, entity])).values()];
describe.each(drawn(eachOnce, { of: 1 }))("each field of $type in $subgraph", (entity) => {
  test.each(["acme", "vendor"])("has the same value alone as among all fields, for the user %s", async (person) => {
    const ids = acme.ids.get(entityIdTypes[entity.type] as IdType) ?? [];
    const valueIn = ({ data, errors = [] }: Answer, field: string): string => {
      const found = (data?.["_entities"] ?? []) as readonly (Readonly<Record<string, unknown>> | null)[];
      const ofField = errors.filter(({ path }) => path?.[2] === field);
      return comparable({ data: { values: found.map((each) => ({ [field]: each?.[field] })) }, errors: ofField }, []);
    };
    const all = await ask(person, entity, ids);
    if (person === "acme") expect(entitiesIn(all).some((each) => each !== null)).toBe(true);
    // A column that no selected field declares is missing from both.
    expect(all.errors?.filter(({ extensions }) => extensions?.["code"] === "INTERNAL") ?? []).toEqual([]);
    for (const selection of entity.fields) {
      const [field = ""] = /^\w+/.exec(selection) ?? [];
      expect([field, valueIn(await ask(person, { ...entity, fields: [selection] }, ids), field)]).toEqual([field, valueIn(all, field)]);
    }
  });
});

describe.each(allSubgraphs().map(({ name }) => ({ name })))("_entities of $name", ({ name }) => {
  const first = entities.find(({ subgraph }) => subgraph === name) as Entity;

  test.each([
    [
      "100,000 representations",
      () => Array.from({ length: 100_000 }, () => ({ __typename: first.type, [first.key]: "x" })),
      "QUERY_LIMIT_EXCEEDED",
    ],
    ["an unknown type", () => [{ __typename: "Nothing", id: "x" }], "BAD_USER_INPUT"],
    ["a type that is not an entity", () => [{ __typename: "Query", id: "x" }], "BAD_USER_INPUT"],
    ["a name that every object has", () => [{ __typename: "constructor", id: "x" }], "BAD_USER_INPUT"],
    ["a missing type", () => [{ id: "x" }], "BAD_USER_INPUT"],
    ["a value that is not an object", () => ["x"], "BAD_USER_INPUT"],
    ["null", () => [null], "BAD_USER_INPUT"],
  ])("%s is refused", async (_what, representations, code) => {
    const answer = await execute(first, calls.get("acme") as CallContext, representations());
    expect(answer.errors?.map(({ extensions }) => extensions?.["code"])).toEqual([code]);
    expect(JSON.stringify(answer)).not.toMatch(/TypeError|Cannot|\.ts:|node_modules/);
  });
});

test("the public API has no _entities and no _service, even for users who can introspect", async () => {
  for (const query of ['{ _entities(representations: [{ __typename: "Request", id: "x" }]) { __typename } }', "{ _service { sdl } }"]) {
    expect(await acme.admin.refusal(query)).toBe("GRAPHQL_VALIDATION_FAILED");
  }
  const schema = JSON.stringify(await acme.admin.run("{ __schema { types { name fields { name } } } }"));
  expect(schema).not.toMatch(/"_entities"|"_service"|"_Any"|nodeKey/);
});

type Answer = Awaited<ReturnType<Subgraph["execute"]>>;

const entitiesIn = (answer: Answer): readonly unknown[] => answer.data?.["_entities"] as readonly unknown[];

function ask(person: string, entity: Entity, ids: readonly string[], more: object = {}): Promise<Answer> {
  // Fields in `@requires` are passed with the key, as if the gateway had fetched them.
  return execute(
    entity,
    calls.get(person) as CallContext,
    ids.map((id) => ({ __typename: entity.type, [entity.key]: id, ...more })),
  );
}

function execute({ subgraph, type, fields }: Entity, call: CallContext, representations: readonly unknown[]): Promise<Answer> {
  const { services, subgraphs } = tenants.weft.weft;
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename ... on ${type} { ${fields.join(" ")} } } }`;
  return (subgraphs.find(({ name }) => name === subgraph) as Subgraph).execute({ services, call, query, variables: { representations } });
}

/**
 * Returns the part of a field's selection that a subgraph resolves itself. An interface represents objects of other subgraphs, which resolve
 * everything except the type.
 */
function answeredHere({ type }: GraphQLField<unknown, unknown>): string {
  return isInterfaceType(getNamedType(type)) ? " { __typename }" : selectionOf(type, 0);
}

/** Returns all entities that a subgraph resolves by key, once per key, with all fields that it resolves. */
function entitiesOf({ name, sdl, schema }: Subgraph): Entity[] {
  const union = schema.getType("_Entity");
  const members = isUnionType(union) ? union.getTypes().map((type) => type.name) : [];
  const nodes = parse(sdl).definitions.filter(
    (node): node is ObjectTypeDefinitionNode => node.kind === Kind.OBJECT_TYPE_DEFINITION && members.includes(node.name.value),
  );
  return nodes.flatMap((node) => {
    const keys = (node.directives ?? []).filter((directive) => directive.name.value === "key");
    const resolvable = keys.filter((key) => key.arguments?.every((argument) => argument.name.value !== "resolvable"));
    const type = schema.getType(node.name.value);
    if (!isObjectType(type)) return [];
    const wanted = Object.values(type.getFields()).filter(
      (field) => !isExternal(field) && field.args.every((argument) => !argument.type.toString().endsWith("!")),
    );
    const fields = wanted.map(
      (field) => `${field.name}${field.args.some((argument) => argument.name === "first") ? "(first: 2)" : ""}${answeredHere(field)}`,
    );
    return resolvable.map((key) => {
      const [argument] = key.arguments ?? [];
      const value = argument?.value.kind === Kind.STRING ? argument.value.value : "";
      if (value !== "id" && value !== "nodeKey")
        throw new Error(`${node.name.value} has the key "${value}": teach the isolation tests to forge it.`);
      return { subgraph: name, type: node.name.value, key: value, fields };
    });
  });
}
