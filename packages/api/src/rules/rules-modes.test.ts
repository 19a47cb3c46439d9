import { Arg, Field, ID, Int, InterfaceType, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { expect, test } from "vitest";
import { encodeId, newId } from "@weft/shared/ids";
import { aCall, aViewer } from "@weft/shared/testing";
import type { Viewer } from "@weft/shared/viewer";
import { servicesWithoutDatabase } from "@weft/platform/testing";
import { defineSubgraph } from "../subgraph/define-subgraph.js";
import { Allow } from "./allow.js";
import { allOf, anyOf, anyone, authenticated, can, inherit, objectRule, self } from "./rules.js";

const me = newId();
const others = [newId(), newId(), newId(), newId(), newId()];

const isEven = objectRule("isEven", ({ size }: { size: number }) => size % 2 === 0);
const isEvenLater = objectRule("isEvenLater", async ({ size }: { size: number }) => Promise.resolve(size % 2 === 0));
const isSmall = objectRule<unknown, { size: number }>("isSmall", (_parent, { size }) => size < 10);
const faulty = objectRule("faulty", () => {
  throw new Error("connection reset");
});

@InterfaceType({ autoRegisterImplementations: false, resolveType: () => "Box" })
@Allow(inherit)
abstract class Sized {
  @Field(() => Int)
  size!: number;
}

@Allow(authenticated)
@ObjectType({ implements: Sized })
class Box extends Sized {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  byType!: string;

  @Allow(inherit)
  @Field(() => String)
  inherited!: string;

  @Allow(anyone)
  @Field(() => String)
  open!: string;

  @Allow(can("audit.read"))
  @Field(() => String, { nullable: true })
  byPermission!: string;

  @Allow(anyOf(can("audit.read"), can("vendor.read")))
  @Field(() => String, { nullable: true })
  byEither!: string;

  @Allow(allOf(can("audit.read"), can("vendor.read")))
  @Field(() => String, { nullable: true })
  byBoth!: string;

  @Allow(isEven)
  @Field(() => String, { nullable: true })
  byParent!: string;

  @Allow(allOf(can("audit.read"), isEvenLater))
  @Field(() => String, { nullable: true })
  byBothKinds!: string;

  @Allow(anyOf(self, can("audit.read")))
  @Field(() => String, { nullable: true })
  bySelf!: string;

  @Allow(faulty)
  @Field(() => String, { nullable: true })
  byFault!: string;
}

const aBox = (size: number): Box => ({
  id: encodeId("user", size === 2 ? me : (others[size % 5] ?? "")),
  size,
  byType: "x",
  inherited: "x",
  open: "x",
  byPermission: "x",
  byEither: "x",
  byBoth: "x",
  byParent: "x",
  byBothKinds: "x",
  bySelf: "x",
  byFault: "x",
});

@Resolver()
class BoxResolver {
  @Query(() => [Box])
  @Allow(anyone)
  boxes(): Box[] {
    return [1, 2, 3, 4].map(aBox);
  }

  @Query(() => Box, { nullable: true })
  @Allow(allOf(can("vendor.read"), isSmall))
  box(@Arg("size", () => Int) size: number): Box {
    return aBox(size);
  }

  @Mutation(() => Box, { nullable: true })
  @Allow(can("vendor.create"))
  makeBox(): Box {
    return aBox(1);
  }

  @Query(() => Boolean, { nullable: true })
  @Allow(authenticated)
  breaks(): boolean {
    throw new Error("a fault of ours");
  }
}

const compiled = defineSubgraph({ name: "boxes", resolvers: [BoxResolver] });
const shielded = defineSubgraph({ name: "boxes", resolvers: [BoxResolver], rulesMode: "shield" });
const services = servicesWithoutDatabase();

const all = { "audit.read": ["TENANT"], "vendor.read": ["OWN"], "vendor.create": ["TENANT"] } satisfies Viewer["permissions"];
const viewers: [string, Viewer | null][] = [
  ["nobody", null],
  ["without permissions", aViewer({})],
  ["the object itself", aViewer({ userId: me })],
  ["with one permission", aViewer({ permissions: { "audit.read": ["TENANT"] } })],
  ["with the other", aViewer({ permissions: { "vendor.read": ["TENANT"] } })],
  ["with an empty list of scopes", aViewer({ permissions: { "audit.read": [], "vendor.read": [] } })],
  ["with all", aViewer({ permissions: all })],
];
const fields = compiled.rules.filter(({ type }) => type === "Box").map(({ field }) => field);
const operations = [
  ...fields.flatMap((field) => [`{ boxes { ${field} } }`, `{ box(size: 2) { ${field} } }`]),
  // Only nullable fields: if several errors null the same parent, GraphQL does not specify how many of them are reported.
  `{ boxes { open inherited ${fields.filter((field) => field.startsWith("by") && field !== "byType").join(" ")} } }`,
  "{ box(size: 11) { size } }",
  "mutation { makeBox { size byPermission } }",
  "{ breaks }",
  "{ boxes { ...on Box { a: byPermission b: byPermission } ...F } } fragment F on Sized { __typename }",
  "{ _service { sdl } }",
];

test.each(viewers)("shield and compiled rules give the same results to a viewer: %s", { tags: "slow" }, async (_who, viewer) => {
  for (const query of operations) {
    const call = aCall(viewer);
    const [one, other] = await Promise.all([compiled, shielded].map((subgraph) => subgraph.execute({ services, call, query })));
    expect(sorted(one), query).toEqual(sorted(other));
  }
});

/** Errors appear in the order in which fields finish. */
const sorted = (response: { data?: unknown; errors?: readonly { path?: readonly unknown[] }[] } | undefined) => ({
  data: response?.data,
  errors: [...(response?.errors ?? [])].toSorted((a, b) => JSON.stringify(a.path).localeCompare(JSON.stringify(b.path))),
});

async function decisions(field: string, viewer: Viewer | null): Promise<unknown[]> {
  const { data, errors = [] } = await compiled.execute({ services, call: aCall(viewer), query: `{ boxes { ${field} } }` });
  const boxes = (data?.["boxes"] ?? []) as Record<string, unknown>[];
  return boxes.map((box, at) => box[field] ?? errors.find((error) => error.path?.[1] === at)?.extensions?.["code"]);
}

test("each rule decides as documented", async () => {
  const nobody = null;
  const audit = aViewer({ permissions: { "audit.read": ["TENANT"] } });
  const both = aViewer({ permissions: all });
  expect(await decisions("byPermission", nobody)).toEqual(Array(4).fill("UNAUTHENTICATED"));
  expect(await decisions("byPermission", aViewer({}))).toEqual(Array(4).fill("FORBIDDEN"));
  expect(await decisions("byPermission", audit)).toEqual(Array(4).fill("x"));
  expect(await decisions("byEither", audit)).toEqual(Array(4).fill("x"));
  expect(await decisions("byBoth", audit)).toEqual(Array(4).fill("FORBIDDEN"));
  expect(await decisions("byBoth", both)).toEqual(Array(4).fill("x"));
  expect(await decisions("byParent", nobody)).toEqual(Array(4).fill("UNAUTHENTICATED"));
  expect(await decisions("byParent", audit)).toEqual(["FORBIDDEN", "x", "FORBIDDEN", "x"]);
  expect(await decisions("byBothKinds", audit)).toEqual(["FORBIDDEN", "x", "FORBIDDEN", "x"]);
  expect(await decisions("byBothKinds", aViewer({}))).toEqual(Array(4).fill("FORBIDDEN"));
  expect(await decisions("bySelf", aViewer({ userId: me }))).toEqual(["FORBIDDEN", "x", "FORBIDDEN", "FORBIDDEN"]);
  expect(await decisions("open", nobody)).toEqual(Array(4).fill("x"));
});

test("an error inside a rule is not a denial", async () => {
  expect(await decisions("byFault", aViewer({}))).toEqual(Array(4).fill("INTERNAL"));
});

test("arguments decide each field separately, also within one operation", async () => {
  const { data, errors } = await compiled.execute({
    services,
    call: aCall(aViewer({ permissions: all })),
    query: "{ small: box(size: 9) { size } large: box(size: 10) { size } }",
  });
  expect(data).toEqual({ small: { size: 9 }, large: null });
  expect(errors?.map((error) => [error.path, error.extensions?.["code"]])).toEqual([[["large"], "FORBIDDEN"]]);
});

test("each field belongs to exactly one class", () => {
  const classes = Object.fromEntries(compiled.rules.map((row) => [`${row.type}.${row.field}`, row.class]));
  expect(classes).toMatchObject({
    "Query.boxes": "shield",
    "Mutation.makeBox": "shield",
    "Box.byParent": "shield",
    "Box.byBothKinds": "shield",
    "Box.byPermission": "guard",
    "Box.byBoth": "guard",
    "Box.byType": "guard",
    "Box.size": "guard",
    "Box.inherited": "inherit",
  });
});

test("refuses a permission that is not in the catalog where it is written", () => {
  expect(() => can("vendor.explode" as never)).toThrow(/unknown permission/);
});

test("a denial by several rules names a permission if one of them requires one", async () => {
  const query = "{ boxes { bySelf } }";
  for (const subgraph of [compiled, shielded]) {
    const { errors = [] } = await subgraph.execute({ services, call: aCall(aViewer({})), query });
    expect(new Set(errors.map(({ message }) => message))).toEqual(new Set(["You do not have the permission audit.read."]));
  }
});
