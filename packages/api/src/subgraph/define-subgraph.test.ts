import "reflect-metadata";
import DataLoader from "dataloader";
import { Arg, Ctx, Directive, Field, FieldResolver, ID, Int, Mutation, ObjectType, Query, Resolver, Root } from "type-graphql";
import { expect, test } from "vitest";
import { NotFound } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { aCall, aViewer } from "@weft/shared/testing";
import { fieldTurns, processorMs } from "@weft/platform/computing";
import { createLogger } from "@weft/platform/logging";
import { servicesWithoutDatabase } from "@weft/platform/testing";
import type { Context } from "../context/context.js";
import { connectionOf } from "../pages/connection.js";
import { Allow } from "../rules/allow.js";
import { anyone, can, inherit, objectRule } from "../rules/rules.js";
import { JsonScalar } from "../scalars/json.js";
import { defineSubgraph, describeRules } from "./define-subgraph.js";

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
@ObjectType("Vendor", { description: "A test's vendor." })
class Vendor {
  @Field(() => ID)
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID)
  nodeKey!: string;

  @Field(() => String)
  @Allow(can("vendor.read"))
  name!: string;

  @Field(() => String)
  @Allow(objectRule("notTheSecretOne", (vendor: Vendor) => vendor.name !== "secret"))
  phone!: string;
}

const { Connection: VendorConnection } = connectionOf(Vendor);
type VendorPage = InstanceType<typeof VendorConnection>;

const toVendor = (uuid: string, name: string): Vendor => ({
  id: encodeId("vendor", uuid),
  nodeKey: encodeId("vendor", uuid),
  name,
  phone: `phone of ${name}`,
});
const known = new Map([newId(), newId(), newId()].map((uuid, at) => [uuid, ["Otis", "secret", "Kone"][at] ?? ""]));
const batches: number[] = [];

@Resolver(() => Vendor)
class VendorResolver {
  @Query(() => VendorConnection)
  @Allow(can("vendor.read"))
  vendors(): VendorPage {
    const edges = [...known].map(([uuid, name]) => ({ cursor: uuid, node: toVendor(uuid, name) }));
    const pageInfo = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
    return { edges, pageInfo, totalCount: () => Promise.resolve(known.size) };
  }

  @Query(() => String)
  @Allow(anyone)
  greeting(
    @Arg("data", () => JsonScalar, { nullable: true }) _data: unknown,
    @Arg("name", () => String, { nullable: true }) name: string | null,
  ): string {
    if (name === "crash") throw new Error('relation "identity.users" does not exist');
    if (name === "nobody") throw new NotFound("Vendor", "vnd_x");
    return `hello ${name}`;
  }

  @Mutation(() => Boolean)
  @Allow(can("vendor.create"))
  createVendor(@Ctx() ctx: Context): boolean {
    return ctx.viewer.userId !== "";
  }

  @FieldResolver(() => String)
  @Allow(inherit)
  shout(@Root() vendor: Vendor): string {
    return vendor.name.toUpperCase();
  }
}

const vendors = defineSubgraph({
  name: "vendors",
  resolvers: [VendorResolver],
  references: {
    Vendor: (_ctx, uuids) => {
      batches.push(uuids.length);
      return Promise.resolve(uuids.map((uuid) => (known.has(uuid) ? toVendor(uuid, known.get(uuid) ?? "") : null)));
    },
  },
});
const services = servicesWithoutDatabase();
const reader = aViewer({ permissions: { "vendor.read": ["TENANT"] } });
const run = (
  query: string,
  { viewer = reader, variables = {} }: { viewer?: typeof reader | null; variables?: Record<string, unknown> } = {},
) => vendors.execute({ services, call: aCall(viewer), query, variables });
const codes = (response: Awaited<ReturnType<typeof run>>) =>
  response.errors?.map((error) => [error.path?.join("."), error.extensions?.["code"]]);

test("fields, pages, and field resolvers return values", async () => {
  const response = await run("{ vendors { totalCount edges { node { name shout } } } }");
  expect(response).toEqual({
    data: {
      vendors: {
        totalCount: 3,
        edges: [
          { node: { name: "Otis", shout: "OTIS" } },
          { node: { name: "secret", shout: "SECRET" } },
          { node: { name: "Kone", shout: "KONE" } },
        ],
      },
    },
  });
});

test("the SDL contains its federation version, both keys, and the hidden elements, always in the same order", () => {
  expect(vendors.sdl).toContain("https://specs.apollo.dev/federation/v2.9");
  expect(vendors.sdl).toContain('type Vendor @key(fields: "id") @key(fields: "nodeKey")');
  expect(vendors.sdl).toContain("nodeKey: ID! @inaccessible");
  expect(defineSubgraph({ name: "again", resolvers: [VendorResolver], references: { Vendor: () => Promise.resolve([]) } }).sdl).toBe(
    vendors.sdl,
  );
});

test("the table of rules contains every field with its class", () => {
  const table = describeRules(vendors);
  expect(table).toMatch(/Mutation\.createVendor +shield +can\(vendor\.create\)/);
  expect(table).toMatch(/Vendor\.name +guard +can\(vendor\.read\)/);
  expect(table).toMatch(/Vendor\.phone +shield +notTheSecretOne/);
  expect(table).toMatch(/Vendor\.shout +inherit/);
  expect(table.split("\n").length).toBe(vendors.rules.length);
});

test("denials and unknown objects have their error codes", async () => {
  expect(codes(await run("{ vendors { edges { node { name } } } }", { viewer: aViewer({}) }))).toEqual([["vendors", "FORBIDDEN"]]);
  expect(codes(await run("{ vendors { edges { node { name } } } }", { viewer: null }))).toEqual([["vendors", "UNAUTHENTICATED"]]);
  expect(codes(await run('{ greeting(name: "nobody") }', { viewer: null }))).toEqual([["greeting", "NOT_FOUND"]]);
  expect(codes(await run("{ vendors { edges { node { phone } } } }"))).toEqual([["vendors.edges.1.node.phone", "FORBIDDEN"]]);
});

test("the cause of an error does not leave the process", async () => {
  const response = await run('{ greeting(name: "crash") }');
  expect(codes(response)).toEqual([["greeting", "INTERNAL"]]);
  expect(JSON.stringify(response)).not.toMatch(/relation|identity|stack|\.ts/);
  expect(response.errors?.[0]?.extensions?.["requestId"]).toBe(aCall(null).requestId);
});

test("entities are loaded in one batch; forged, foreign, and malformed keys all return null", async () => {
  batches.length = 0;
  const [uuid = ""] = known.keys();
  const id = encodeId("vendor", uuid);
  const representations = [
    { id },
    { nodeKey: id },
    { id: encodeId("user", uuid) },
    { id: "vnd_nonsense" },
    { id: encodeId("vendor", newId()) },
    { id, nodeKey: "other" },
  ];
  const response = await run("query ($r: [_Any!]!) { _entities(representations: $r) { ... on Vendor { name } } }", {
    variables: { r: representations.map((key) => ({ __typename: "Vendor", ...key, name: "forged" })) },
  });
  expect(response.data?.["_entities"]).toEqual([{ name: "Otis" }, { name: "Otis" }, null, null, null, null]);
  expect(batches).toEqual([2]);
});

test("entities require a logged-in user, known types, and a limited number", async () => {
  const query = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }";
  const one = { __typename: "Vendor", id: encodeId("vendor", newId()) };
  expect(codes(await run(query, { viewer: null, variables: { r: [one] } }))).toEqual([["_entities", "UNAUTHENTICATED"]]);
  expect(codes(await run(query, { variables: { r: [{ __typename: "User", id: "x" }] } }))).toEqual([["_entities", "BAD_USER_INPUT"]]);
  expect(codes(await run(query, { variables: { r: Array.from({ length: 30_000 }, () => one) } }))).toEqual([
    ["_entities", "QUERY_LIMIT_EXCEEDED"],
  ]);
});

test.each<[string, Record<string, unknown>, string]>([
  ["a NUL character", { name: "a\0b" }, "name"],
  ["half of a surrogate pair", { name: "\ud800" }, "name"],
  ["a key that pollutes prototypes", { data: JSON.parse('{"a": {"__proto__": 1}}') as unknown }, "data.a.__proto__"],
  ["20,000 levels of nesting", { data: JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`) as unknown }, "data.0.0"],
  ["a number that is too large", { data: { x: Number.POSITIVE_INFINITY } }, "data.x"],
])("%s in a variable causes BAD_USER_INPUT with its path", async (_what, variables, path) => {
  const response = await run("query ($data: JSON, $name: String) { greeting(data: $data, name: $name) }", { variables });
  expect(response.errors?.map((error) => error.extensions?.["code"])).toEqual(["BAD_USER_INPUT"]);
  expect(JSON.stringify(response.errors?.[0]?.extensions?.["problems"])).toContain(path);
});

test("also refuses odd texts that are written into the document", async () => {
  expect(codes(await run('{ greeting(name: "\\u0000") }'))).toEqual([[undefined, "BAD_USER_INPUT"]]);
  expect(codes(await run("{ greeting(data: {a: 1e999}) }"))).toEqual([[undefined, "GRAPHQL_VALIDATION_FAILED"]]);
});

test("A18: refuses nested lists without page sizes before they fill the memory", { tags: "slow" }, async () => {
  @Allow(anyone)
  @ObjectType("Team")
  class Team {
    @Field(() => String)
    name!: string;
  }
  let lists = 0;
  @Resolver(() => Team)
  class TeamResolver {
    @Query(() => [Team])
    @Allow(anyone)
    teams(): Team[] {
      return this.friends();
    }

    @FieldResolver(() => [Team])
    friends(): Team[] {
      lists++;
      return Array.from({ length: 100 }, () => ({ name: "x" }));
    }
  }
  const teams = defineSubgraph({ name: "teams", resolvers: [TeamResolver] });
  const ask = (query: string) => teams.execute({ services, call: aCall(null), query });
  expect((await ask("{ teams { friends { name } } }")).errors).toBeUndefined();
  const refused = await ask("{ teams { friends { friends { friends { friends { name } } } } } }");
  expect(refused.data).toBeUndefined();
  expect(refused.errors?.map(({ extensions }) => [extensions?.["code"], extensions?.["limit"], extensions?.["max"]])).toEqual([
    ["QUERY_LIMIT_EXCEEDED", "objects", 100_000],
  ]);
  expect(lists).toBeLessThan(150_000);
});

test("a denial repeated by a list is logged a few times, not once per item", async () => {
  @ObjectType("Row")
  @Allow(can("vendor.read"))
  class Row {
    @Field(() => String, { nullable: true })
    name!: string;
  }
  @Resolver()
  class RowResolver {
    @Query(() => [Row])
    @Allow(anyone)
    rows(): Row[] {
      return Array.from({ length: 5_000 }, () => ({ name: "x" }));
    }
  }
  const lines: string[] = [];
  const log = createLogger({ logLevel: "info" }, { write: (line: string) => void lines.push(line) });
  const rows = defineSubgraph({ name: "rows", resolvers: [RowResolver] });
  const answer = await rows.execute({ services: { ...services, log }, call: aCall(aViewer({})), query: "{ rows { name } }" });
  expect(answer.errors).toHaveLength(5_000);
  expect(lines.length).toBeLessThan(30);
  expect(lines.at(-1)).toContain('"errors":5000');
});

test("between the fields of a large operation, other tenants are served, and its keys are still loaded at once", async () => {
  const order: string[] = [];
  const loaded: number[] = [];
  const keys = new DataLoader(
    async (wanted: readonly number[]) => {
      loaded.push(wanted.length);
      return wanted;
    },
    { batchScheduleFn: (dispatch) => fieldTurns.afterFields(keysOf, dispatch) },
  );
  let keysOf: object = {};
  @Resolver()
  class WorkResolver {
    @Query(() => Int)
    @Allow(anyone)
    async work(@Arg("name", () => String) name: string, @Arg("ms", () => Int) ms: number, @Ctx() ctx: Context): Promise<number> {
      order.push(name);
      const until = processorMs() + ms;
      while (processorMs() < until);
      if (ms === 0) return 0;
      keysOf = ctx;
      return keys.load(order.length);
    }
  }
  const subgraph = defineSubgraph({ name: "work", resolvers: [WorkResolver] });
  const run = (query: string) => subgraph.execute({ services, call: aCall(aViewer({ tenantId: newId() })), query });
  const large = run(`{ ${[1, 2, 3, 4, 5].map((n) => `f${n}: work(name: "large ${n}", ms: 15)`).join(" ")} }`);
  const small = [1, 2, 3].map((n) => run(`{ a: work(name: "small ${n}", ms: 0) }`));
  await Promise.all([large, ...small]);
  expect(order.indexOf("large 5")).toBe(order.length - 1);
  expect(order.indexOf("small 3")).toBeLessThan(order.indexOf("large 4"));
  expect(loaded).toEqual([5]);
});

test("a field without a rule or an entity without a reference loader prevents the start and is named in the error", () => {
  @Directive('@key(fields: "id")')
  @ObjectType("Project")
  class Project {
    @Field(() => ID)
    id!: string;
  }
  @Resolver(() => Project)
  class ProjectResolver {
    @Query(() => Project)
    @Allow(inherit)
    project(): Project {
      return { id: "x" };
    }
  }
  expect(() => defineSubgraph({ name: "projects", resolvers: [ProjectResolver] })).toThrow(/No rule for Project\.id, Query\.project/);
  expect(() => defineSubgraph({ name: "vendors", resolvers: [VendorResolver] })).toThrow(/No reference loader for Vendor/);
});
