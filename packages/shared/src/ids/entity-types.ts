import { type IdType, objectTypes } from "./object-types.js";

/** ID type of each GraphQL entity type. */
export const entityIdTypes: Readonly<Record<string, IdType>> = Object.fromEntries(
  Object.entries(objectTypes).flatMap(([idType, type]) => ("typeName" in type ? [[type.typeName, idType as IdType]] : [])),
);

/**
 * Returns the ID type of a GraphQL type.
 * @throws at startup if no manifest declares the type
 */
export function idTypeOf(typeName: string): IdType {
  const type = entityIdTypes[typeName];
  if (!type) throw new Error(`${typeName} has no ID type; declare it in a manifest in packages/shared/src/aggregates.`);
  return type;
}
