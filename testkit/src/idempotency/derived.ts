import { getNamedType, isObjectType } from "graphql";
import { composedApi, type RootField, rootFieldsOf } from "../isolation/api-schema.js";
import { mutationCases } from "../isolation/cases.js";
import { actorOf } from "../isolation/walk.js";
import type { IdempotencyCase } from "./case.js";

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

/** Returns a case with the input of the walks. The different input is that of another object. */
export function derivedCase(name: string): IdempotencyCase {
  const [root, given] = [roots.get(name), mutationCases[name]];
  if (root === undefined || given === undefined) throw new Error(`There is no mutation ${name}.`);
  return {
    who: ({ weft, fixture }) => actorOf(weft, fixture, given),
    selection: selectionFor(root),
    inputs: async ({ fixture }, actor) => {
      await fixture.ageMails();
      return { input: await given.input(fixture, actor), other: await given.input(fixture, actor) };
    },
  };
}
