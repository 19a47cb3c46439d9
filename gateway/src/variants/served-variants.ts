import { ConfigError } from "@weft/platform/config";
import type { GraphQLSchema } from "graphql";
import { tagsOfFields } from "../federation/tagged-fields.js";
import { variantPath, vendorPortalPath } from "./paths.js";
import { VariantAbsent } from "./variant-absent.js";
import { variantOf, type VariantTags } from "./variant-schema.js";

/** A variant that an installation has configured: `desk=area/requests area/tasks !area/files`. */
export interface ConfiguredVariant extends VariantTags {
  readonly name: string;
}

/** Where a variant is served, and what it contains. */
export interface ServedVariant {
  readonly path: string;
  readonly sdlOf: (api: GraphQLSchema) => string;
  /** The schemas that `sdlOf` reads. After a reload they are another object, although the API can have remained the same. */
  readonly schemas: () => CurrentSchemas;
}

interface CurrentSchemas {
  readonly supergraphSdl: string;
  readonly vendorPortalSdl?: string | undefined;
}

/**
 * Returns the variants of the API: the vendor portal, which the build writes because the rules decide what belongs to it, and those of the configuration.
 * @param schemas returns the schemas that are served now
 */
export function servedVariants(configured: readonly ConfiguredVariant[], schemas: () => CurrentSchemas): ServedVariant[] {
  const sdlOfPortal = (): string => {
    const { vendorPortalSdl } = schemas();
    if (vendorPortalSdl === undefined) throw new VariantAbsent();
    return vendorPortalSdl;
  };
  const portal = { path: vendorPortalPath, sdlOf: sdlOfPortal, schemas };
  return [
    ...(schemas().vendorPortalSdl === undefined ? [] : [portal]),
    ...configured.map(({ name, ...tags }) => ({
      path: variantPath(name),
      schemas,
      sdlOf: (api: GraphQLSchema) => variantOf({ ...tags, supergraphSdl: schemas().supergraphSdl, api }),
    })),
  ];
}

/**
 * Builds the configured variants of a supergraph once, before it serves: requests would find out too late that one cannot be built.
 * @param api the API schema of the supergraph
 * @throws ConfigError with all problems: a tag that no field has, or a variant that is not a valid schema, for example because it has no query
 */
export function assertVariants(configured: readonly ConfiguredVariant[], supergraphSdl: string, api: GraphQLSchema): void {
  if (configured.length === 0) return;
  const known = new Set(tagsOfFields(supergraphSdl).flatMap(([, tags]) => tags));
  const problems = configured.flatMap((variant) => {
    const unknown = [...variant.include, ...variant.exclude].filter((tag) => !known.has(tag));
    if (unknown.length === 0) return problemsOfSchema(variant, supergraphSdl, api);
    const tags = [...known].toSorted().join(", ");
    return unknown.map((tag) => `WEFT_API_VARIANTS: no field has the tag ${tag} of the variant ${variant.name}. Tags are: ${tags}`);
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

function problemsOfSchema({ name, ...tags }: ConfiguredVariant, supergraphSdl: string, api: GraphQLSchema): string[] {
  try {
    variantOf({ ...tags, supergraphSdl, api });
    return [];
  } catch (error) {
    return [`WEFT_API_VARIANTS: the variant ${name} is not a valid schema. ${error instanceof Error ? error.message : String(error)}`];
  }
}
