import type { Deprecatable } from "@weft/gateway";
import {
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from "graphql";

/** Returns the date in `Removed after 2027-06-30`, until which clients can rely on the element. Undefined if the reason has none. */
export const removedAfter = ({ deprecationReason }: Deprecatable): string | undefined =>
  /\bRemoved after (\d{4}-\d{2}-\d{2})\b/.exec(deprecationReason ?? "")?.[1];

/** Whether the element was deprecated with a date that has passed. */
export function isPastDue(element: Deprecatable, today: string): boolean {
  const date = removedAfter(element);
  return date !== undefined && date < today;
}

/**
 * Returns the types that an operation can reach without an element that is past due. Types cannot be deprecated themselves: one that only such elements lead
 * to goes with them.
 */
export function typesInUse(schema: GraphQLSchema, today: string): ReadonlySet<string> {
  const found = new Set<GraphQLNamedType>();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const root of roots) if (root) found.add(root);
  // A set can grow while it is iterated: its new members follow.
  for (const type of found) for (const next of typesOf(schema, type, today)) found.add(next);
  return new Set([...found].map(({ name }) => name));
}

function typesOf(schema: GraphQLSchema, type: GraphQLNamedType, today: string): GraphQLNamedType[] {
  if (isUnionType(type)) return [...type.getTypes()];
  const stays = (element: Deprecatable): boolean => !isPastDue(element, today);
  if (isInputObjectType(type))
    return Object.values(type.getFields())
      .filter(stays)
      .map((field) => getNamedType(field.type));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const fields = Object.values(type.getFields()).filter(stays);
  return [
    ...fields.flatMap((field) => [getNamedType(field.type), ...field.args.filter(stays).map((argument) => getNamedType(argument.type))]),
    ...type.getInterfaces(),
    ...(isAbstractType(type) ? schema.getPossibleTypes(type) : []),
  ];
}
