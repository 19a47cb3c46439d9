import { gatewayOnlyTag } from "@weft/api/rules";
import { openFieldTag } from "@weft/api/subgraph";
import { Kind, parse, valueFromASTUntyped } from "graphql";
import type { DirectiveNode } from "graphql";
import { keptForLast } from "./kept-for-last.js";

const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

/** Returns the root fields that have a tag in the supergraph, such as `Mutation.login`. */
export const rootFieldsTagged = (supergraphSdl: string, tag: string): ReadonlySet<string> => withTag(tagsOfRootFields(supergraphSdl), tag);

/** Returns the fields of all types that have a tag in the supergraph, such as `Request.cost`. */
export const fieldsTagged = (supergraphSdl: string, tag: string): ReadonlySet<string> => withTag(tagsOfFields(supergraphSdl), tag);

type TaggedField = readonly [field: string, tags: readonly string[]];

const withTag = (fields: readonly TaggedField[], tag: string): ReadonlySet<string> =>
  new Set(fields.flatMap(([field, tags]) => (tags.includes(tag) ? [field] : [])));

/** Returns the tags of each root field, as `Mutation.login`. */
export const tagsOfRootFields = (supergraphSdl: string): TaggedField[] =>
  tagsOfFields(supergraphSdl).filter(([field]) => rootTypes.has(field.slice(0, field.indexOf("."))));

/** Returns the tags of each field of all types, as `Request.cost`. */
export const tagsOfFields = keptForLast((supergraphSdl: string): readonly TaggedField[] =>
  parse(supergraphSdl, { noLocation: true }).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
    const fields = definition.fields ?? [];
    return fields.map((field): TaggedField => [`${definition.name.value}.${field.name.value}`, tagsOf(field)]);
  }),
);

interface Tagged {
  readonly directives?: readonly DirectiveNode[] | undefined;
}

/** Whether a field or a type has a tag. */
export const isTagged = (node: Tagged, tag: string): boolean => tagsOf(node).includes(tag);

function tagsOf({ directives = [] }: Tagged): string[] {
  const given = directives.flatMap(({ name, arguments: values = [] }) => (name.value === "tag" ? values : []));
  return given.flatMap(({ name, value }) => (name.value === "name" ? [String(valueFromASTUntyped(value))] : []));
}

/**
 * Returns the root fields that clients can call without a login. The subgraphs' rules mark them in the supergraph. Fields that only the gateway calls
 * are not among them: for clients, they are as unknown as fields that do not exist.
 */
export const fieldsWithoutLogin = keptForLast((supergraphSdl: string): ReadonlySet<string> => {
  const hidden = rootFieldsTagged(supergraphSdl, gatewayOnlyTag);
  return new Set([...rootFieldsTagged(supergraphSdl, openFieldTag)].filter((field) => !hidden.has(field)));
});
