import { isIntrospectionType, isObjectType } from "graphql";
import type { GraphQLSchema } from "graphql";
import { Extensions } from "type-graphql";

/** How many items a field returns, known from its arguments before it runs. */
export interface ListSize {
  /** Arguments that decide, for example `ids`, `first`, or `input.ids`: the number of items, or a list with one for each. Of several, the largest counts. */
  readonly by: readonly string[];
  /** Number of items if none of them is given. */
  readonly initial: number;
  /** The largest number that the field accepts. More is refused before it is read. */
  readonly maximum: number;
  /** Argument without which there are no items, for example `input.next`. */
  readonly needs?: string;
  /** The lists of the returned object that have this size. Undefined if the field itself is the list. */
  readonly fields?: readonly string[];
}

const extension = "weft.listSizes";

/**
 * Declares how many items a field returns that is neither a connection nor a list of unknown length, which counts as ten items. A field that returns several
 * lists declares a size for each that has another one.
 */
export const SizedBy = (...sizes: readonly ListSize[]): PropertyDecorator & MethodDecorator => Extensions({ [extension]: sizes });

/** Returns what the fields of a subgraph declare, by `Type.field`. */
export function declaredSizes(schema: GraphQLSchema): ReadonlyMap<string, readonly ListSize[]> {
  const sizes = new Map<string, readonly ListSize[]>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const { name, extensions } of Object.values(type.getFields())) {
      const declared = extensions[extension] as readonly ListSize[] | undefined;
      if (declared) sizes.set(`${type.name}.${name}`, declared);
    }
  }
  return sizes;
}
