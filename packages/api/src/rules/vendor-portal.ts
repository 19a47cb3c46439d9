import { isIntrospectionType, isObjectType } from "graphql";
import type { GraphQLSchema } from "graphql";
import { Extensions } from "type-graphql";

const extension = "weft.vendorPortal";

/** The `@tag` of the root fields of the vendor portal. The supergraph contains it; the API schema does not. */
export const vendorPortalTag = "vendor-portal";

/**
 * Puts a root field into the vendor portal: the part of the API that applications for users of vendors are written against. What it returns is part
 * of the portal, too, without the fields that the rules refuse to users of vendors.
 */
export const VendorPortal = (): PropertyDecorator & MethodDecorator => Extensions({ [extension]: true });

/** Returns the declared root fields of a subgraph as tags for its SDL, by `Type.field`. */
export function vendorPortalTags(schema: GraphQLSchema): [field: string, tag: string][] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || isIntrospectionType(type)) return [];
    const declared = Object.values(type.getFields()).filter(({ extensions }) => extensions[extension] === true);
    return declared.map(({ name }): [string, string] => [`${type.name}.${name}`, vendorPortalTag]);
  });
}
