import { getNamedType, getNullableType, GraphQLString, isInputObjectType, isObjectType } from "graphql";
import { fresh } from "../fresh.js";
import { composedApi, type RootField, rootFieldsOf } from "../isolation/api-schema.js";
import { mutationCaseOf } from "../isolation/cases.js";
import { actorOf } from "../isolation/walk.js";
import type { IdempotencyCase, Input } from "./case.js";

const identifying: ReadonlySet<string> = new Set(["id", "version", "name", "title"]);

/** Returns a selection that distinguishes the result of a mutation from another. Not all fields: some change in the background, or are shown only once. */
function selectionFor({ field }: RootField): string {
  const payload = getNamedType(field.type);
  if (!isObjectType(payload)) return "";
  const parts = Object.values(payload.getFields());
  const objects = parts.flatMap(({ name, type }) => {
    const part = getNamedType(type);
    const shown = isObjectType(part) ? Object.keys(part.getFields()).filter((each) => identifying.has(each)) : [];
    return shown.length === 0 ? [] : [`${name} { ${shown.join(" ")} }`];
  });
  return (objects.length > 0 ? objects : parts.map(({ name }) => name)).join(" ");
}

const roots: ReadonlyMap<string, RootField> = new Map(rootFieldsOf(composedApi()).map((root) => [root.name, root]));

/** Returns a different input for the same object: with another version, or else another text. Null if the input takes neither. */
function changed({ field }: RootField, input: Input): Input | null {
  const type = field.args[0] && getNamedType(field.args[0].type);
  const fields = isInputObjectType(type) ? type.getFields() : {};
  if ("expectedVersion" in fields) return { ...input, expectedVersion: Number(input["expectedVersion"] ?? 0) + 1 };
  const text = Object.values(fields).find(({ name, type: of }) => name !== "idempotencyKey" && getNullableType(of) === GraphQLString);
  return "id" in fields && text ? { ...input, [text.name]: fresh("X") } : null;
}

/** Returns a case with the input of the walks. The different input is for the same object if it can be, or for another one. */
export function derivedCase(name: string): IdempotencyCase {
  const [root, given] = [roots.get(name), mutationCaseOf(name)];
  if (root === undefined) throw new Error(`There is no mutation ${name}.`);
  return {
    who: ({ weft, fixture }) => actorOf(weft, fixture, given),
    selection: selectionFor(root),
    inputs: async ({ fixture }, actor) => {
      await fixture.ageMails();
      const input = await given.input(fixture, actor);
      return { input, other: changed(root, input) ?? (await given.input(fixture, actor)) };
    },
  };
}
