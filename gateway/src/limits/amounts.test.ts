import type { ListSize } from "@weft/api/cost";
import fc from "fast-check";
import {
  buildSchema,
  doTypesOverlap,
  execute,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  Kind,
  parse,
  validate,
} from "graphql";
import type { DocumentNode, FieldNode, GraphQLCompositeType, GraphQLObjectType, GraphQLSchema, SelectionSetNode } from "graphql";
import { describe, expect, test } from "vitest";
import { declareCosts } from "./cost.js";
import { measureDocument } from "./measure.js";

const sdl = `
  interface Node { id: ID }
  interface Named implements Node { id: ID, name: String, friend: Node }
  union Owner = User | Team
  type Query { node: Node, nodes(ids: [ID!]!): [Node], named: Named, owner: Owner, request: Request }
  type Request implements Node { id: ID, owner: Owner, page(first: Int): NodeConnection }
  type User implements Node & Named { id: ID, name: String, friend: Node, page(first: Int): NodeConnection, teams(first: Int): [Named] }
  type Team implements Node & Named { id: ID, name: String, friend: Node, page(first: Int): NodeConnection, owner: Owner }
  type NodeConnection { edges: [NodeEdge], nodes: [Node] }
  type NodeEdge { node: Node }
`;

function schemaWith(weights: ReadonlyMap<string, number>): GraphQLSchema {
  const built = buildSchema(sdl);
  declareCosts(built, { weights, sizes: new Map<string, ListSize[]>([["Query.nodes", [{ by: ["ids"], initial: 1, maximum: 100 }]]]) });
  return built;
}
const schema = schemaWith(new Map());

function measured(text: string, by = schema): { readonly nodes: number; readonly cost: number } {
  const { nodes = 0, cost = 0 } = measureDocument(by, parse(text), {})[0] ?? {};
  return { nodes, cost };
}
const ids = JSON.stringify(Array.from({ length: 100 }, (_, at) => `id${at}`));
const pageOf = (size: number): string => `page(first: ${size}) { nodes { id } }`;

describe("fragments on types of which an object has one", () => {
  test("count as the largest of them", () => {
    expect(
      measured(
        `{ nodes(ids: ${ids}) { id ... on Request { ${pageOf(90)} } ... on User { ${pageOf(100)} } ... on Team { ${pageOf(50)} } } }`,
      ),
    ).toEqual({ nodes: 100 * (1 + 100), cost: 100 * (1 + 100) });
  });

  test("count together with those on the same type, and on its interfaces", () => {
    const all = "... on Request { owner { __typename } } ... on User { friend { id } } ... on Named { friend { id } } ...u";
    expect(measured(`{ node { ${all} } } fragment u on User { ${pageOf(3)} }`).cost).toBe(1 + 2 + 3);
  });

  test("count the same within fragments on an interface or a union, at any depth", () => {
    const on = (type: string, size: number): string => `... on ${type} { ${pageOf(size)} }`;
    const apart = `{ node { ${on("User", 30)} ${on("Team", 40)} ${on("Request", 20)} } }`;
    for (const nested of [
      `{ node { ... on Named { ${on("User", 30)} ... on Node { ${on("Team", 40)} } } ${on("Request", 20)} } }`,
      `{ node { ... { ...a } ...b } } fragment a on Node { ... on Owner { ${on("Team", 40)} } } fragment b on Node { ...c } fragment c on Node { ${on("User", 30)} ${on("Request", 20)} }`,
    ])
      expect(measured(nested)).toEqual(measured(apart));
    expect(measured(apart).nodes).toBe(40);
  });

  test("count once for each time that they apply to an object, and not where they cannot", () => {
    expect(
      measured(`{ node { ...n ... on Named { ...n } ... on Request { ...n } } } fragment n on Node { ... on User { ${pageOf(5)} } }`).nodes,
    ).toBe(10);
    expect(measured(`{ request { ...n } } fragment n on Node { ... on User { ${pageOf(5)} } ... on Request { ${pageOf(3)} } }`).nodes).toBe(
      3,
    );
  });

  test("can have the largest number of nodes on one type, and the largest cost on another one", () => {
    expect(
      measured(`{ node { ... on User { a: friend { id } b: friend { id } c: friend { id } } ... on Team { ${pageOf(2)} } } }`),
    ).toEqual({ nodes: 2, cost: 1 + 3 });
  });
});

test("a field that is selected through an interface costs as much as for the type where it costs most", () => {
  const weighted = schemaWith(new Map([["User.friend", 7]]));
  const costOf = (text: string): number => measured(text, weighted).cost;
  expect([costOf("{ named { friend { id } } }"), costOf("{ named { ... on Team { friend { id } } } }")]).toEqual([1 + 7, 1 + 1]);
});

const composite = Object.values(schema.getTypeMap())
  .filter(isCompositeType)
  .filter(({ name }) => !name.startsWith("__"));
const query = schema.getQueryType();

/** A document that is valid for the schema, with fragments that are spread in each other. */
function someDocument(draw: fc.GeneratorValue): string {
  // By its place, because the generator compares what it is given.
  function oneOf<T>(items: readonly T[]): T {
    const [item] = items.slice(draw(fc.nat, { max: items.length - 1 }));
    if (item === undefined) throw new Error("There is nothing to choose from.");
    return item;
  }
  const conditions = [0, 1, 2].map(() => oneOf(composite));
  // A fragment spreads later ones only, so that there is no cycle.
  let [aliases, spreadable] = [0, 0];
  function field(parent: GraphQLCompositeType, depth: number): string {
    const fields = "getFields" in parent ? Object.values(parent.getFields()) : [];
    const usable = fields.filter(({ type }) => depth > 0 || !isCompositeType(getNamedType(type)));
    if (usable.length === 0) return "__typename";
    const { name, type, args } = oneOf(usable);
    const size = draw(fc.nat, { max: 3 });
    const given = args.map((argument) => (argument.name === "ids" ? `(ids: [${'"i" '.repeat(size)}])` : `(first: ${size})`)).join("");
    const named = getNamedType(type);
    // The arguments must be the same wherever a field has the same name.
    const alias = given !== "" || draw(fc.boolean) ? `a${aliases++}: ` : "";
    return `${alias}${name}${given}${isCompositeType(named) ? ` ${set(named, depth - 1)}` : ""}`;
  }
  function selection(parent: GraphQLCompositeType, depth: number): string {
    const kind = draw(fc.nat, { max: 5 });
    if (kind <= 2 || depth <= 0) return field(parent, depth);
    const within = composite.filter((type) => doTypesOverlap(schema, parent, type));
    const spread = conditions.findIndex((condition, at) => at >= spreadable && within.includes(condition));
    if (kind === 3 && spread !== -1) return `...f${spread}`;
    const condition = oneOf(within);
    return `... on ${condition.name} ${set(condition, depth - 1)}`;
  }
  function set(parent: GraphQLCompositeType, depth: number): string {
    return `{ ${Array.from({ length: 1 + draw(fc.nat, { max: 2 }) }, () => selection(parent, depth)).join(" ")} }`;
  }
  const operation = query ? set(query, 5) : "";
  const fragments = conditions.map((condition, at) => {
    spreadable = at + 1;
    return `fragment f${at} on ${condition.name} ${set(condition, 3)}`;
  });
  return [operation, ...fragments].join(" ");
}

/** The same by trying each type of each object: what a selection amounts to on an object of a type, and of a field on objects of any type. */
function byTrying(document: DocumentNode): { nodes: number; cost: number } {
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  const applies = (condition: string, type: GraphQLObjectType): boolean => {
    const named = schema.getType(condition);
    return named === type || (isAbstractType(named) && schema.isSubType(named, type));
  };
  function fieldsOf({ selections }: SelectionSetNode, type: GraphQLObjectType): FieldNode[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      return fragment && applies(fragment.typeCondition?.name.value ?? type.name, type) ? fieldsOf(fragment.selectionSet, type) : [];
    });
  }
  function sizeIn({ arguments: [given] = [] }: FieldNode): number | undefined {
    return given?.value.kind === Kind.LIST
      ? given.value.values.length
      : given?.value.kind === Kind.INT
        ? Number(given.value.value)
        : undefined;
  }
  function ofObject(set: SelectionSetNode, type: GraphQLObjectType, pageSize = 1): { nodes: number; cost: number } {
    const sum = { nodes: 0, cost: 0 };
    for (const node of fieldsOf(set, type)) {
      const field = type.getFields()[node.name.value];
      const named = field && getNamedType(field.type);
      if (!field || !isCompositeType(named) || !node.selectionSet) continue;
      const below = node.selectionSet;
      const types = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
      const isPage = named.name === "NodeConnection";
      const size = sizeIn(node);
      const each = types.map((one) => ofObject(below, one, isPage ? size : undefined));
      const [nodes, cost] = [Math.max(...each.map((one) => one.nodes)), Math.max(...each.map((one) => one.cost))];
      const isItems = type.name === "NodeConnection";
      const times = isItems ? pageSize : !isPage && size !== undefined ? size : 1;
      const objects = isPage || named.name === "NodeEdge" ? 0 : 1;
      sum.nodes += times * nodes + (isPage ? (size ?? 0) : !isItems && size !== undefined ? size : 0);
      sum.cost += times * (objects + cost);
    }
    return sum;
  }
  const [operation] = document.definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION && query ? ofObject(operation.selectionSet, query) : { nodes: 0, cost: 0 };
}

describe("documents with fragments on any types, within each other", () => {
  test("are measured as the largest of all types that their objects can have", () => {
    let withFragments = 0;
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const text = someDocument(draw);
        withFragments += /\.\.\.f|on (?:Node|Named|Owner)/.test(text.split("fragment")[0] ?? "") ? 1 : 0;
        expect(measured(text), text).toEqual(byTrying(parse(text)));
      }),
      { numRuns: 500 },
    );
    expect(withFragments).toBeGreaterThan(200);
  });

  test("never return more nodes than they are measured as, whichever types the objects have", () => {
    let returned = 0;
    fc.assert(
      fc.property(fc.gen(), fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (draw, types) => {
        const text = someDocument(draw);
        const document = parse(text);
        expect(validate(schema, document).filter(({ message }) => !message.endsWith("is never used."))).toEqual([]);
        const nodes = nodesReturned(document, types);
        returned += nodes;
        expect(nodes, text).toBeLessThanOrEqual(measured(text).nodes);
      }),
      { numRuns: 500 },
    );
    expect(returned).toBeGreaterThan(500);
  });
});

/** Runs a document, with full pages of objects whose types are given, and returns how many objects the pages and the lists of known size have. */
function nodesReturned(document: DocumentNode, types: readonly number[]): number {
  let [objects, nodes] = [0, 0];
  const oneOf = (type: GraphQLCompositeType): { __typename: string } => {
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
    return { __typename: possible[(types[objects++ % types.length] ?? 0) % possible.length]?.name ?? "" };
  };
  const result = execute({
    schema,
    document,
    fieldResolver: (source: { readonly items?: number }, args: { readonly first?: number; readonly ids?: readonly string[] }, _, info) => {
      const type = getNamedType(info.returnType);
      if (!isCompositeType(type)) return null;
      if (type.name === "NodeConnection") {
        nodes += args.first ?? 0;
        return { items: args.first };
      }
      if (!isListType(getNullableType(info.returnType))) return oneOf(type);
      const size = source?.items ?? args.first ?? args.ids?.length ?? 0;
      if (source?.items === undefined) nodes += size;
      return Array.from({ length: size }, () => oneOf(type));
    },
  });
  if (result instanceof Promise || result.errors) throw new Error("The document cannot be run.", { cause: result });
  return nodes;
}

test("are measured in time proportional to their text, however many types their fragments have", () => {
  const names = Array.from({ length: 40 }, (_, at) => `T${at}`);
  const wide = buildSchema(`
    interface Node { id: ID }
    interface Other { id: ID }
    type Query { node: Node }
    ${names.map((name) => `type ${name} implements Node & Other { id: ID, node: Node }`).join(" ")}
  `);
  const ofTypes = names.map((name) => `... on ${name} { node { id } }`).join(" ");
  const attack = (count: number) =>
    parse(`{ node { ${"...f ... on Other { ...f } ".repeat(count)} } } fragment f on Node { ${ofTypes} }`, { noLocation: true });
  const time = (document: DocumentNode): number => {
    const begun = performance.now();
    measureDocument(wide, document, {});
    return performance.now() - begun;
  };
  // In turns, and the fastest of several, to exclude other load on the machine.
  const turns = Array.from({ length: 20 }, () => [attack(1_000), attack(125)].map(time));
  const [ofLong = 0, ofShort = 0] = [0, 1].map((which) => Math.min(...turns.map((turn) => turn[which] ?? Infinity)));
  // Eight times the text in about eight times the time; quadratic would be 64.
  expect(ofLong / ofShort).toBeLessThan(32);
});
