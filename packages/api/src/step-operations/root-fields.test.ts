import { Kind, parse } from "graphql";
import { expect, test } from "vitest";
import { rootFieldNames } from "./root-fields.js";

test("root fields are found in fragments too, also in those that contain themselves", () => {
  const document = parse("mutation { ...one ... on Mutation { plain(input: {}) } } fragment one on Mutation { keyed(input: {}) ...one }");
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error("There is no operation.");
  expect([...rootFieldNames(document, operation.selectionSet)]).toEqual(["keyed", "plain"]);
});
