import { parse, print } from "graphql";
import { describe, expect, test } from "vitest";
import { shapeOf, textOf } from "./document.js";

describe("the shape of an operation", () => {
  test("names its kind, its root fields, and the variables that are their inputs", () => {
    const text = `# a comment { with braces }
      mutation Both($a: AInput!, $b: BInput! = { name: "}" }, $id: ID!) @tag(input: $id) {
        first: createA(input: $a) { a { id input } }
        createB(more: { input: $id }, input: $b, text: """ ) } """) @include(if: true) { ...Part }
      }
      fragment Part on B { id, nested(input: $a) { id } }`;
    expect(shapeOf(text)).toEqual({
      kind: "mutation",
      name: "Both",
      fields: [
        { name: "createA", inputVariable: "a" },
        { name: "createB", inputVariable: "b" },
      ],
      isComplete: true,
      variables: new Set(["a", "b", "id"]),
      selectsCursor: false,
    });
  });

  test("is that of the operation with the name, which can be a word of the language", () => {
    const text =
      "query A { me { id } } mutation query($a: AInput!) { createA(input: $a) @show(input: $b) { id } } mutation fragment { logout { id } }";
    expect(shapeOf(text, "A")).toMatchObject({ kind: "query" });
    expect(shapeOf(text, "query")).toMatchObject({ kind: "mutation", fields: [{ name: "createA", inputVariable: "a" }] });
    expect(shapeOf(text, "fragment")).toMatchObject({ kind: "mutation", fields: [{ name: "logout" }] });
    expect(shapeOf(text, "unknown")).toMatchObject({ kind: "mutation", isComplete: false });
  });

  test("says whether a root field selects `cursor` under this name", () => {
    const selects = (selection: string): boolean => shapeOf(`subscription { changed ${selection} }`).selectsCursor;
    expect([selects("{ id cursor }"), selects("{ next: cursor }"), selects("{ edges { cursor } }"), selects("{ cursor: id }")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test("knows of fragments that it has not read", () => {
    expect(shapeOf("mutation { ...All }  fragment All on Mutation { logout { sessionId } }")).toMatchObject({
      isComplete: false,
      fields: [],
    });
    expect(shapeOf("mutation { ... on Mutation { logout { sessionId } } }").isComplete).toBe(false);
  });

  test("an input that is written in the document is no variable", () => {
    expect(shapeOf('mutation { createA(input: { name: "$x" }) { id } }').fields).toEqual([{ name: "createA", inputVariable: null }]);
  });

  test("a query can have no name, and no keyword", () => {
    expect(shapeOf("{ me { id } }")).toMatchObject({ kind: "query", name: null, fields: [{ name: "me", inputVariable: null }] });
    expect(shapeOf("fragment F on User { id } query Me($after: String) { me { ...F } }")).toMatchObject({
      name: "Me",
      fields: [{ name: "me" }],
      variables: new Set(["after"]),
    });
  });
});

describe("the text of a document", () => {
  test("is that of a text, of a generated text, and of a syntax tree with `print`", () => {
    // As GraphQL Code Generator writes it.
    class TypedDocumentString extends String {
      declare __apiType?: (variables: object) => unknown;
    }
    expect([textOf("{ a }", undefined), textOf(new TypedDocumentString("{ a }"), undefined)]).toEqual(["{ a }", "{ a }"]);
    expect(textOf(parse("{ a }") as never, print)).toBe("{\n  a\n}");
  });

  test("of a syntax tree without `print` is refused, with the way out", () => {
    expect(() => textOf(parse("{ a }") as never, undefined)).toThrow("pass `print` of graphql to createWeftClient");
  });
});
