import { getNamedType, getNullableType, isInputObjectType, isListType } from "graphql";
import { beforeAll, expect, test } from "vitest";
import { callerOf, composedApi, operationFor, type RootField, rootFieldsOf } from "./isolation/api-schema.js";
import { requiredVariables } from "./isolation/required-variables.js";
import type { TestUser } from "./test-user.js";
import { sharedWeft } from "./shared-weft.js";
import type { SharedWeft } from "./test-weft.js";

/** Texts that people write for others to read. */
const written = /^(reason|comment|message|note|text|body|name|title|summary|description|acceptWeakerRules)$/;
const unreadable = "\u200B\u2060\u200B";

let weft: SharedWeft;
let admin: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  ({ admin } = await weft.tenant());
});

type Place = { readonly path: string; readonly variables: Record<string, unknown> };

/** Returns the variables of a call for each written text directly below the arguments. */
const placesOf = (root: RootField): Place[] =>
  root.field.args.flatMap(({ name, type }) => {
    const named = getNamedType(type);
    if (!isInputObjectType(named)) return [];
    const texts = Object.values(named.getFields()).filter((one) => getNamedType(one.type).name === "String" && written.test(one.name));
    return texts.map((one) => ({
      path: `${name}.${one.name}`,
      variables: {
        [name]: {
          ...(requiredVariables(root)[name] as object | undefined),
          [one.name]: isListType(getNullableType(one.type)) ? [unreadable] : unreadable,
        },
      },
    }));
  });

const roots = rootFieldsOf(composedApi()).filter((root) => root.kind === "mutation" && placesOf(root).length > 0);

test("the walk finds the texts of mutations", () => {
  const names = roots.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["actAsTenant", "commentOnRequest", "suspendWorkflow", "createTeam"]));
});

test.each(roots.map((root) => [root.name, root] as const))("%s refuses texts that nobody can read", async (_name, root) => {
  for (const { path, variables } of placesOf(root)) {
    const { extensions } = await callerOf(root, admin).refused(operationFor(root, 1), variables);
    expect([path, extensions]).toMatchObject([
      path,
      {
        code: "BAD_USER_INPUT",
        problems: [{ path: expect.stringContaining(path) as string, message: "It has only invisible characters. Enter some text." }],
      },
    ]);
  }
});
