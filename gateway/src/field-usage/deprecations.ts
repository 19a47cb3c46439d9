import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";

/** What can be deprecated: a field, an argument, an input field, or a value of an enum. */
export interface Deprecatable {
  readonly deprecationReason?: string | null | undefined;
}

/**
 * Returns the element at a coordinate: `Type.field`, `Type.field(argument:)`, `Input.field` or `Enum.VALUE`. Undefined if there is none, or it cannot be
 * deprecated.
 */
export function deprecatableAt(schema: GraphQLSchema, coordinate: string): Deprecatable | undefined {
  const [, typeName = "", member = "", argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(member) ?? undefined;
  if (isInputObjectType(type)) return type.getFields()[member];
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
  const field = type.getFields()[member];
  return argument === undefined ? field : field?.args.find(({ name }) => name === argument);
}
