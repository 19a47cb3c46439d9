import { ConfigError } from "@weft/platform/config";
import type { GraphQLSchema } from "graphql";
import { tagsOfFields } from "../federation/tagged-fields.js";
import { variantPath, vendorPortalPath } from "./paths.js";
import { variantOf, type VariantTags } from "./variant-schema.js";

/** A variant that an installation has configured: `desk=area/requests area/tasks !area/files`. */
export interface ConfiguredVariant extends VariantTags {
  readonly name: string;
}

/** Where a variant is served, and what it contains. */
export interface ServedVariant {
  readonly path: string;
  readonly sdlOf: (api: GraphQLSchema) => string;
}

interface CurrentSchemas {
  readonly supergraphSdl: string;
  readonly vendorPortalSdl?: string | undefined;
}

/**
 * Returns the variants of the API: the vendor portal, which the build writes because the rules decide what belongs to it, and those of the configuration.
 * @param schemas returns the schemas that are served now
 * @throws ConfigError if a configured tag does not exist
 */
export function servedVariants(configured: readonly ConfiguredVariant[], schemas: () => CurrentSchemas): ServedVariant[] {
  assertTagsExist(configured, schemas().supergraphSdl);
  const portal = { path: vendorPortalPath, sdlOf: () => schemas().vendorPortalSdl ?? "" };
  return [
    ...(schemas().vendorPortalSdl === undefined ? [] : [portal]),
    ...configured.map(({ name, ...tags }) => ({
      path: variantPath(name),
      sdlOf: (api: GraphQLSchema) => variantOf({ ...tags, supergraphSdl: schemas().supergraphSdl, api }),
    })),
  ];
}

function assertTagsExist(configured: readonly ConfiguredVariant[], supergraphSdl: string): void {
  if (configured.length === 0) return;
  const known = new Set(tagsOfFields(supergraphSdl).flatMap(([, tags]) => tags));
  const problems = configured.flatMap(({ name, include, exclude }) =>
    [...include, ...exclude]
      .filter((tag) => !known.has(tag))
      .map((tag) => `WEFT_API_VARIANTS: no field has the tag ${tag} of the variant ${name}. Tags are: ${[...known].toSorted().join(", ")}`),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}
