import { composedApi } from "@weft/testkit/isolation/api-schema";
import { getNamedType } from "graphql";
import { expect, test } from "vitest";

const sharedInputs = ["IdInput", "IdsInput", "KeyedIdInput", "KeyedVersionedIdInput", "TokenInput", "VersionedIdInput"];

test("an argument whose type fits every object says which object is meant", () => {
  const mutations = Object.values(composedApi().getMutationType()?.getFields() ?? {});
  const found = mutations.flatMap(({ name, args }) =>
    args.flatMap(({ type, description }) => (sharedInputs.includes(getNamedType(type).name) ? [{ name, description }] : [])),
  );
  expect(found.length).toBeGreaterThan(80);
  expect(found.filter(({ description }) => !description || description === "The input.")).toEqual([]);
});
