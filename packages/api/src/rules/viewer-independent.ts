import { isObjectType, isIntrospectionType } from "graphql";
import type { GraphQLSchema } from "graphql";
import { Extensions, getMetadataStorage } from "type-graphql";
import { type CatalogPermission, hasPermission, isPermission, reachesAll, type Viewer } from "@weft/shared/viewer";

const extension = "weft.viewerIndependent";
const tagPrefix = "viewer-independent/";

/**
 * Declares that the field has the same value for all staff of a tenant with equal roles and permissions, if each of these permissions is decided for
 * the whole tenant: held in scope TENANT without denials, or not held at all. Live subscriptions then execute an event once for all of them.
 *
 * The value can depend on the parent, the arguments, and the viewer's permissions and roles, but not on the viewer's user, session or teams. Name
 * every permission whose `visible` predicate selects the value. Users never share the value of a field without this declaration. A test compares the
 * answers of users who share them.
 *
 * On an object type, it declares this for all fields that only read a property, and have no declaration of their own. Fields with a resolver need
 * their own.
 */
export function ViewerIndependent(
  ...permissions: readonly [CatalogPermission, ...CatalogPermission[]]
): PropertyDecorator & MethodDecorator & ClassDecorator {
  return Extensions({ [extension]: permissions });
}

/** Excepts a property of an object type from the declaration of the type: users never share its value. */
export const ViewerDependent = (): PropertyDecorator => Extensions({ [extension]: [] });

/** Returns the fields that have a resolver, as `Type.field`. */
function resolvedFields(): ReadonlySet<string> {
  const { objectTypes, fieldResolvers } = getMetadataStorage();
  const names = new Map<unknown, string>(objectTypes.map(({ target, name }) => [target, name]));
  return new Set(fieldResolvers.map(({ getObjectType, schemaName }) => `${names.get(getObjectType?.())}.${schemaName}`));
}

/** Returns the declarations of a subgraph's fields as tags for its SDL, by `Type.field`. The supergraph contains them; the API schema does not. */
export function viewerIndependenceTags(schema: GraphQLSchema): [field: string, tag: string][] {
  const resolved = resolvedFields();
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || isIntrospectionType(type)) return [];
    return Object.values(type.getFields()).flatMap(({ name, extensions }) => {
      const ofType = resolved.has(`${type.name}.${name}`) ? [] : type.extensions[extension];
      const permissions = (extensions[extension] ?? ofType ?? []) as readonly CatalogPermission[];
      // A tag cannot contain a dot.
      return permissions.map((permission): [string, string] => [`${type.name}.${name}`, `${tagPrefix}${permission.replaceAll(".", "/")}`]);
    });
  });
}

/** Returns whether the permission selects the same objects for all staff of the tenant with equal rights: all of them, or none. */
export const isDecidedForTenant = (viewer: Viewer, permission: CatalogPermission): boolean =>
  reachesAll(viewer, permission) || !hasPermission(viewer, permission);

/** Returns the permission of a tag of `viewerIndependenceTags`, or undefined for other tags. */
export function permissionOfTag(tag: string): CatalogPermission | undefined {
  if (!tag.startsWith(tagPrefix)) return undefined;
  const permission = tag.slice(tagPrefix.length).replaceAll("/", ".");
  return isPermission(permission) ? (permission as CatalogPermission) : undefined;
}
