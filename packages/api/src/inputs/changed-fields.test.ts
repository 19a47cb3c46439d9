import { expect, test } from "vitest";
import { BadUserInput } from "@weft/shared/errors";
import { assertText, changedFields } from "./changed-fields.js";

test("an update changes the fields that are given; null counts as absent except for fields that null clears", () => {
  const fields: { name?: string | null; code?: string | null; closedOn?: string | null; openedOn?: string | null | undefined } = {
    name: "Annex",
    code: null,
    closedOn: null,
    openedOn: undefined,
  };
  expect(changedFields(fields, ["closedOn", "openedOn"])).toEqual({ name: "Annex", closedOn: null });
});

test("refuses an update without fields and lists the fields", () => {
  expect(() => changedFields({ code: undefined, name: null })).toThrow(
    new BadUserInput([{ path: "input", message: "Nothing to change. Provide at least one of code, name." }]),
  );
});

test("refuses invalid texts together, each on its own path, and ignores absent ones", () => {
  const input = { code: " ", name: "x".repeat(3) };
  const bounds = { code: { max: 40 }, name: { max: 2 }, address: { max: 10 } };
  let problems: unknown;
  try {
    assertText(input, bounds);
  } catch (error) {
    problems = error instanceof BadUserInput && error.extensions["problems"];
  }
  expect(problems).toEqual([
    { path: "input.code", message: "It is empty." },
    { path: "input.name", message: "It has 3 characters; at most 2 are allowed." },
  ]);
});
