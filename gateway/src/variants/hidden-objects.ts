import { isAbstractType, isObjectType, Kind, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import type { DocumentNode, FieldNode, GraphQLSchema } from "graphql";

/** Response key of the type names that the gateway adds to an operation, and removes from its result. */
const typeKey = "__portalTypename";

const typename: FieldNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: "__typename" },
  alias: { kind: Kind.NAME, value: typeKey },
};

/** Objects whose type is not part of the variant. A field of an interface, such as `subject`, can return one. */
export interface HiddenObjects {
  /** Returns a document that also asks for the types of such objects. Returns the same document if it has no field that can return one. */
  mark(document: DocumentNode): DocumentNode;
  /** Returns the data of a marked document without these objects, and without the marks. */
  remove<T>(data: T): T;
}

/** @param api the complete schema, which knows more types of an interface than the variant does */
export function hiddenObjects(variant: GraphQLSchema, api: GraphQLSchema): HiddenObjects {
  const isShown = new Set(Object.keys(variant.getTypeMap()));
  const open = Object.values(variant.getTypeMap()).filter((type) => {
    const complete = api.getType(type.name);
    return isAbstractType(complete) && api.getPossibleTypes(complete).some(({ name }) => !isObjectType(variant.getType(name)));
  });

  const remove = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(remove);
    if (typeof value !== "object" || value === null) return value;
    const { [typeKey]: type, ...fields } = value as Record<string, unknown>;
    if (typeof type === "string" && !isShown.has(type)) return null;
    return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, remove(field)]));
  };

  return {
    mark: (document) => {
      const types = new TypeInfo(variant);
      return visit(
        document,
        visitWithTypeInfo(types, {
          SelectionSet: {
            leave: (set) => {
              const parent = types.getParentType();
              return parent && open.includes(parent) ? { ...set, selections: [...set.selections, typename] } : undefined;
            },
          },
        }),
      );
    },
    remove: (data) => remove(data) as typeof data,
  };
}
