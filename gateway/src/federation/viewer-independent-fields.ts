import type { CatalogPermission } from "@weft/shared/viewer";
import { permissionOfTag } from "@weft/api/rules";
import { Kind, parse, valueFromASTUntyped } from "graphql";
import { keptForLast } from "./kept-for-last.js";

/** Returns the permissions of each field declared with `@ViewerIndependent`, by `Type.field`. The subgraphs mark them in the supergraph. */
export const viewerIndependentFields = keptForLast((supergraphSdl: string): ReadonlyMap<string, readonly CatalogPermission[]> => {
  const fields = new Map<string, readonly CatalogPermission[]>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const permissions = directives.flatMap((directive) => {
        const given = directive.name.value === "tag" && directive.arguments?.find((argument) => argument.name.value === "name");
        const permission = given && permissionOfTag(String(valueFromASTUntyped(given.value)));
        return permission ? [permission] : [];
      });
      if (permissions.length > 0) fields.set(`${definition.name.value}.${name.value}`, permissions);
    }
  }
  return fields;
});
