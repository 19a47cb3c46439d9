import { rootFieldAreas, rootOperations } from "@weft/gateway";
import { composedApi } from "@weft/testkit/isolation/api-schema";
import { coerceInputValue, type GraphQLSchema, parse, type TypeNode, typeFromAST, validate, visit } from "graphql";
import { describe, expect, test } from "vitest";
import { allSubgraphs } from "../subgraphs.js";
import { supergraphOf } from "../supergraph.js";

const schema = composedApi();
const areaOf = rootFieldAreas(supergraphOf(allSubgraphs()));
const listed = rootOperations(schema, areaOf);
const operations = listed.flatMap((area) => area.operations);

describe("the explorer's operations", () => {
  test("are all root fields of the API, each once, in its area", () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const fields = roots.flatMap((root) => Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name}.${field}`));
    expect(fields.filter((field) => !areaOf.has(field))).toEqual([]);
    expect(operations).toHaveLength(fields.length);
    expect(listed[0]?.title).toBe("Tasks");
    expect(listed[0]?.operations.map(({ name }) => name)).toContain("ClaimTask");
  });

  test("are valid documents of their kind, with at most ten fields of an object", () => {
    for (const { source, kind } of operations) {
      const document = parse(source);
      expect(validate(schema, document), source).toEqual([]);
      expect(document.definitions[0], source).toMatchObject({ operation: kind });
    }
    expect(operations.find(({ name }) => name === "Tasks")?.source).toMatch(/^query Tasks \{\n {2}tasks\(first: 10\) \{\n/);
  });

  test("come with variables of the right shape", () => {
    for (const { source, variables } of operations) {
      const given = (variables === "" ? {} : JSON.parse(variables)) as Readonly<Record<string, unknown>>;
      const declared = variablesOf(schema, source);
      expect(Object.keys(given), source).toEqual(declared.map(({ name }) => name));
      for (const { name, problems } of declared.map(({ name, check }) => ({ name, problems: check(given[name]) })))
        expect(problems, `${name} of ${source}`).toEqual([]);
    }
  });
});

/** Returns the variables of a document, each with a function that returns what is structurally wrong with a value: a field that is missing or unknown. */
function variablesOf(of: GraphQLSchema, source: string) {
  const found: { readonly name: string; readonly check: (value: unknown) => string[] }[] = [];
  visit(parse(source), {
    VariableDefinition: ({ variable, type }) => {
      found.push({ name: variable.name.value, check: (value) => structuralProblems(of, type, value) });
    },
  });
  return found;
}

function structuralProblems(of: GraphQLSchema, typeNode: TypeNode, value: unknown): string[] {
  const type = typeFromAST(of, typeNode as never);
  const problems: string[] = [];
  if (type)
    coerceInputValue(value, type as never, (_path, _value, error) => {
      if (/not defined by type|was not provided|to be an object|not to be null/.test(error.message)) problems.push(error.message);
    });
  return problems;
}
