import { loadConfig } from "@weft/platform/config";
import fc from "fast-check";
import { buildSchema, getIntrospectionQuery, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { assertWithinLimits, parseWithinLimits } from "./limits.js";
import type { Limits } from "./limits.js";
import { measureDocument } from "./measure.js";

const schema = buildSchema(`
  scalar JSON
  input Some { ids: [ID!], data: JSON, next: Some }
  type Query { node: Node, page(first: Int, last: Int, text: String, ratio: Float): PageConnection, some(input: Some, ids: [ID!]): Node }
  type Mutation { login(password: String): Node, refreshSession: Node, rename: Node }
  type PageConnection { edges: [Edge!]!, totalCount: Int }
  type Edge { node: Node }
  type Node { id: ID, self: Node, page(first: Int): PageConnection, list: [Node!] }
`);
const { limits } = loadConfig({});

const refusal = (query: string, variables: Record<string, unknown> = {}, given: Limits = limits): unknown => {
  try {
    assertWithinLimits(schema, parseWithinLimits(query, given), undefined, variables, given);
    return undefined;
  } catch (error) {
    return (error as { extensions?: unknown }).extensions ?? error;
  }
};
const limitOf = (query: string, variables?: Record<string, unknown>): unknown =>
  (refusal(query, variables) as { limit?: string } | undefined)?.limit;
const nested = (depth: number): string => `${"{ self ".repeat(depth)}{ id }${" }".repeat(depth)}`;

/** Each fragment spreads the next one twice: 2ⁿ selections in n lines. */
const bomb = (count: number): string =>
  `{ node { ...f0 } } ${Array.from({ length: count }, (_, index) => `fragment f${index} on Node { id self { ...f${index + 1} } again: self { ...f${index + 1} } }`).join(" ")} fragment f${count} on Node { id }`;

describe("limits of an operation", () => {
  test("count the page sizes of each call, whichever were counted before for the same document", () => {
    const document = parse("query Q($n: Int = 3) { page(first: $n) { edges { node { id } } } }");
    const nodesOf = (variables: Record<string, unknown>) => measureDocument(schema, document, variables)[0]?.nodes;
    for (const again of [1, 2]) {
      expect([again, nodesOf({ n: 50 }), nodesOf({ n: 7, other: 8 }), nodesOf({}), nodesOf({ n: null }), nodesOf({ n: "50" })]).toEqual([
        again,
        50,
        7,
        3,
        20,
        20,
      ]);
    }
    for (let n = 1; n < 60; n++) expect(nodesOf({ n })).toBe(n);
  });

  test("allow an ordinary operation and the introspection of explorers", () => {
    expect(refusal("query Q($n: Int) { page(first: $n) { edges { node { id page { totalCount } } } } }", { n: 50 })).toBeUndefined();
    expect(refusal(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }))).toBeUndefined();
  });

  test("report the limit's name, the operation's value and the maximum in each refusal", () => {
    expect(refusal(`{ node ${nested(30)} }`)).toMatchObject({
      code: "QUERY_LIMIT_EXCEEDED",
      limit: "depth",
      actual: 32,
      max: limits.depth,
    });
    expect(limitOf(`{ ${Array.from({ length: 31 }, (_, index) => `a${index}: node { id }`).join(" ")} }`)).toBe("rootFields");
    expect(limitOf(`{ node { ${Array.from({ length: 40 }, (_, index) => `a${index}: id`).join(" ")} } }`)).toBe("aliases");
    expect(limitOf(`{ node { id ${"@include(if: true) ".repeat(60)} } }`)).toBe("directives");
    expect(limitOf(`{ node { ${"id ".repeat(2_100)} } }`)).toBe("selections");
    expect(limitOf(`{ ${"node { id } ".repeat(1_500)} }`)).toBe("tokens");
    expect(limitOf(`{ node { id } } ${Array.from({ length: 60 }, (_, index) => `fragment f${index} on Node { id }`).join(" ")}`)).toBe(
      "fragments",
    );
    expect(
      limitOf("{ page(first: 100) { edges { node { page(first: 100) { edges { node { page(first: 100) { totalCount } } } } } } } }"),
    ).toBe("nodes");
  });

  test("fields repeated many times under the same key are refused before validation compares every pair, however they are written", () => {
    const times = (count: number, field: string) => Array.from({ length: count }, () => field).join(" ");
    const fragments = Array.from({ length: 40 }, (_, at) => `fragment f${at} on Node { ${times(20, "self { id }")} }`).join(" ");
    const spread = Array.from({ length: 40 }, (_, at) => `...f${at}`).join(" ");
    for (const query of [
      `{ node { ${times(900, "self { id }")} } }`,
      `{ node { ${times(40, `self { ${times(20, "list { id }")} }`)} } }`,
      `{ node { ${times(400, "... { self { id } }")} } }`,
      `{ node { ${spread} } } ${fragments}`,
      // Validation also processes unused fragments.
      `{ node { id } } fragment f on Node { ${times(900, "self { id }")} }`,
      `query A { node { id } } query B { node { ${times(900, "self { id }")} } }`,
    ])
      expect(limitOf(query), query.slice(0, 60)).toBe("repetitions");
    // What a screen made of many fragments asks for.
    expect(refusal(`{ node { ${times(50, "id self { id }")} } }`)).toBeUndefined();
    const circle = Array.from(
      { length: 40 },
      (_, at) => `fragment f${at} on Node { self { ...f${(at + 1) % 40} } ...f${(at + 7) % 40} }`,
    ).join(" ");
    const began = performance.now();
    refusal(`{ node { ...f0 } } ${circle}`);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test("read page sizes from literals, variables and their defaults; the subgraph rejects excessive ones with a better message", () => {
    const nodes = (query: string, variables: Record<string, unknown> = {}) => measureDocument(schema, parse(query), variables)[0]?.nodes;
    expect(nodes("{ page { edges { node { page(first: 3) { totalCount } } } } }")).toBe(20 * (1 + 3));
    expect(nodes("query ($n: Int = 7) { page(first: $n) { totalCount } }")).toBe(7);
    expect(nodes("query ($n: Int = 7) { page(last: $n) { totalCount } }", { n: 9 })).toBe(9);
    expect(nodes("{ page(first: 10000) { totalCount } }")).toBe(100);
  });

  test("measure a document that is sent repeatedly with its own variables each time, also if only a fragment or another operation uses them", () => {
    for (const query of [
      "query ($n: Int = 7) { page(first: $n) { totalCount } }",
      "query ($n: Int = 7) { ...f } fragment f on Query { page(first: $n) { totalCount } }",
      "query ($n: Int = 7) { page(first: $n) { totalCount } } query B { page(first: 3) { totalCount } }",
    ]) {
      const document = parse(query);
      expect([{ n: 9 }, {}, { n: 50 }].map((variables) => measureDocument(schema, document, variables)[0]?.nodes)).toEqual([9, 7, 50]);
    }
  });

  test("allow one authentication attempt per operation, however it is written", () => {
    expect(refusal("mutation { login { id } rename { id } }")).toBeUndefined();
    expect(limitOf("mutation { login { id } again: login { id } }")).toBe("authentications");
    expect(limitOf("mutation { login { id } ...more } fragment more on Mutation { ... { refreshSession { id } } }")).toBe(
      "authentications",
    );
  });

  test("nested brackets are counted before parsing, wherever they occur", () => {
    const deep: Record<string, (levels: number) => string> = {
      fields: (levels) => `{ ${"self { ".repeat(levels - 1)}id${" }".repeat(levels - 1)} }`,
      "inline fragments": (levels) => `{ ${"... { ".repeat(levels - 1)}id${" }".repeat(levels - 1)} }`,
      lists: (levels) => `{ some(ids: ${"[".repeat(levels - 2)}${"]".repeat(levels - 2)}) { id } }`,
      objects: (levels) => `{ some(input: ${"{ next: ".repeat(levels - 2)}null${" }".repeat(levels - 2)}) { id } }`,
      types: (levels) => `query ($ids: ${"[".repeat(levels - 1)}ID${"]".repeat(levels - 1)}) { some(ids: $ids) { id } }`,
    };
    for (const [what, document] of Object.entries(deep)) {
      expect(refusal(document(900)), what).toMatchObject({ code: "QUERY_LIMIT_EXCEEDED", limit: "nesting", actual: 900, max: 100 });
      expect(limitOf(document(101)), what).toBe("nesting");
      expect(limitOf(document(100)), what).not.toBe("nesting");
    }
    expect(limitOf(`{ some(input: { data: "${"[".repeat(500)}" }) { id } } # ${"{".repeat(500)}`)).toBeUndefined();
  });

  test("nested fragments count as deep as they would inline", () => {
    const chain = (count: number, levels: number): string =>
      `{ ...f0 } ${Array.from({ length: count }, (_, at) => `fragment f${at} on Query { ${"... { ".repeat(levels)}${at + 1 < count ? `...f${at + 1}` : "__typename"}${" }".repeat(levels)} }`).join(" ")}`;
    expect(refusal(chain(20, 50))).toMatchObject({ code: "QUERY_LIMIT_EXCEEDED", limit: "nesting", max: 100 });
    expect(limitOf(chain(5, 10))).toBeUndefined();
  });

  test("apply to every operation of the document, not only to the one that runs", () => {
    expect(limitOf(`query A { node { id } } query B { node ${nested(30)} }`)).toBe("depth");
  });

  test("refuse a fragment bomb at once, in time proportional to its text rather than to its expansion", () => {
    const time = (run: () => unknown): number => {
      const begun = performance.now();
      run();
      return performance.now() - begun;
    };
    // Takes the fastest of several runs, to exclude other load on the machine.
    const refusing = Array.from({ length: 5 }, () =>
      time(() => {
        expect(limitOf(bomb(45))).toBe("depth");
        expect(refusal(bomb(12), {}, { ...limits, depth: 1_000 })).toMatchObject({ limit: "aliases" });
      }),
    );
    expect(Math.min(...refusing)).toBeLessThan(50);

    // In turns, so that neither is measured before the code is compiled and the other after it.
    const [long, short] = [parse(bomb(1_000)), parse(bomb(125))];
    const turns = Array.from({ length: 40 }, () => [long, short].map((document) => time(() => measureDocument(schema, document, {}))));
    const [ofLong = 0, ofShort = 0] = [0, 1].map((which) => Math.min(...turns.map((turn) => turn[which] ?? Infinity)));
    // Eight times the text in about eight times the time; quadratic would be 64.
    expect(ofLong / ofShort).toBeLessThan(32);
  });

  test("stop measuring at cyclic and unknown fragments, unknown fields and types, which validation refuses", () => {
    expect(refusal("{ node { ...a } } fragment a on Node { self { ...b } } fragment b on Node { self { ...a } }")).toBeUndefined();
    expect(refusal("{ nothing(first: 5) { ...missing ... on Nobody { id } } }")).toBeUndefined();
  });

  test("end the measurement of any document without throwing", () => {
    const selection = fc.letrec((tie) => ({
      set: fc
        .array(fc.oneof({ maxDepth: 4 }, fc.constantFrom("id", "...a", "...b", "...c", "self", "x: id"), tie("nested")), {
          minLength: 1,
          maxLength: 4,
        })
        .map((parts) => `{ ${parts.join(" ")} }`),
      nested: fc.tuple(fc.constantFrom("self", "page(first: 3)", "... on Node", "..."), tie("set")).map((parts) => parts.join(" ")),
    })).set;
    fc.assert(
      fc.property(selection, selection, selection, (root, a, b) => {
        const document = parse(`${root} fragment a on Node ${a} fragment b on Node ${b} fragment c on PageConnection { ...a }`);
        for (const measure of measureDocument(schema, document, {})) expect(Number.isSafeInteger(measure.selections)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("nested lists in the document", () => {
  const some = (value: string) => refusal(`{ some(input: { ids: ["a"], data: ${value} }) { id } }`);

  test("are accepted at depths that occur in practice", () => {
    const rows = `[${Array.from({ length: 50 }, () => '{ name: "x", sizes: [1, 2, [3]] }').join(" ")}]`;
    expect(some(rows)).toBeUndefined();
    expect(some(`${"[".repeat(6)}1${"]".repeat(6)}`)).toBeUndefined();
  });

  test.each([`${"[".repeat(40)}${"]".repeat(40)}`, `${"[{ a: ".repeat(20)}1${"}]".repeat(20)}`, `[[[[[[[${"1 ".repeat(1_000)}]]]]]]]`])(
    "are refused if each level would double the work of planning: %.20s",
    (value) => {
      expect(some(value)).toMatchObject({
        code: "BAD_USER_INPUT",
        problems: [{ message: expect.stringContaining("variables") as string }],
      });
    },
  );
});

describe("values that are valid for no scalar", () => {
  const problems = (variables: Record<string, unknown>) =>
    (refusal("{ node { id } }", variables) as { problems?: { path: string; message: string }[] } | undefined)?.problems;

  test("are reported with their path", () => {
    expect(problems({ input: { data: { text: "a\u0000b" } } })).toEqual([
      { path: "input.data.text", message: expect.stringContaining("NUL") as string },
    ]);
    expect(problems({ a: ["fine", "\ud800"] })?.[0]?.path).toBe("a.1");
    expect(problems(JSON.parse('{"n": 1e400}') as Record<string, unknown>)?.[0]?.path).toBe("n");
    expect(problems(JSON.parse('{"a": {"__proto__": 1}}') as Record<string, unknown>)?.[0]?.path).toBe("a.__proto__");
    expect(problems({ fine: [1, "ü", null, { deep: true }] })).toBeUndefined();
  });

  test("nesting of 20,000 levels is refused without following it", () => {
    expect(problems({ deep: JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`) as unknown })?.[0]?.message).toContain("64 levels");
  });

  test("the same checks apply to literals", () => {
    expect(refusal(String.raw`{ page(text: "a\u0000b") { totalCount } }`)).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "text" }],
    });
    expect(refusal("{ page(ratio: 1e400) { totalCount } }")).toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("a list above the maximum length", () => {
  const problems = (variables: Record<string, unknown>) =>
    (
      refusal("query ($input: Some, $ids: [ID!]) { some(input: $input, ids: $ids) { id } }", variables) as
        | { problems?: { path: string; message: string }[] }
        | undefined
    )?.problems;
  const long = Array.from({ length: 1_001 }, (_, n) => `id${n}`);

  test("is refused with its path before it is processed, at any depth", () => {
    const message = "The list has 1001 items. The maximum is 1000.";
    expect(problems({ ids: long })).toEqual([{ path: "ids", message }]);
    expect(problems({ input: { next: { next: { ids: long } } } })).toEqual([{ path: "input.next.next.ids", message }]);
    expect(problems({ ids: long.slice(1), input: { ids: ["one"] } })).toBeUndefined();
  });

  test("is left to the scalar inside a JSON value; values that fit no type are left to GraphQL", () => {
    expect(problems({ input: { data: { values: long } } })).toBeUndefined();
    expect(problems({ input: { constructor: long, unknown: long }, ids: { 0: "a" } })).toBeUndefined();
  });
});
