import { TypeInfo, isAbstractType, isObjectType, parse, visit, visitWithTypeInfo } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { CatalogPermission } from "@weft/shared/viewer";
import { LRUCache } from "lru-cache";
import type { SharingPermissions } from "./audience.js";

/**
 * Returns a function that determines with which permissions users share the answer of a query: those of all its fields. If one field is not declared
 * with `@ViewerIndependent`, users never share it. A field of an interface counts as the fields of all its types.
 */
export function sharingPermissions(
  schema: GraphQLSchema,
  declared: ReadonlyMap<string, readonly CatalogPermission[]>,
): (query: string) => SharingPermissions {
  const known = new LRUCache<string, { readonly permissions: SharingPermissions }>({ max: 1_000 });

  const read = (query: string): SharingPermissions => {
    const permissions = new Set<CatalogPermission>();
    let isShared = true;
    const types = new TypeInfo(schema);
    visit(
      parse(query, { noLocation: true }),
      visitWithTypeInfo(types, {
        Field: ({ name }) => {
          if (name.value === "__typename") return;
          const parent = types.getParentType();
          const owners = parent && isAbstractType(parent) ? schema.getPossibleTypes(parent) : isObjectType(parent) ? [parent] : [];
          if (owners.length === 0) isShared = false;
          for (const owner of owners) {
            const own = declared.get(`${owner.name}.${name.value}`);
            if (!own) isShared = false;
            for (const permission of own ?? []) permissions.add(permission);
          }
        },
      }),
    );
    return isShared ? [...permissions] : undefined;
  };

  return (query) => {
    let entry = known.get(query);
    if (!entry) {
      entry = { permissions: read(query) };
      known.set(query, entry);
    }
    return entry.permissions;
  };
}
