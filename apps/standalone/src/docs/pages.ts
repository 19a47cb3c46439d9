import { readFileSync } from "node:fs";
import { apiSchemaOf, gatewayOnlyElements, rootFieldAreas } from "@weft/gateway";
import { generatedPages as pagesOfPlatform } from "@weft/platform/docs";
import { allSubgraphs } from "../subgraphs.js";
import { supergraphOf } from "../supergraph.js";
import { answeredOperations } from "./answered.js";
import { withDemoLogins } from "./demo-logins-table.js";
import { metricsPage } from "./metrics-page.js";
import { operationsPage, rolesPage } from "./permissions-page.js";
import { personasPage } from "./personas-page.js";
import { restParityPage } from "./rest-parity-page.js";
import { schemaPages } from "./schema/schema-pages.js";
import { stepsPage } from "./steps-page.js";
import { topicsOf } from "./schema/topics.js";

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

function referenceOfSchema(supergraphSdl: string): Record<string, string> {
  const rules = new Map(
    allSubgraphs().flatMap((subgraph) => subgraph.rules.map(({ type, field, rule }) => [`${type}.${field}`, rule.label])),
  );
  const schema = apiSchemaOf(supergraphSdl);
  const areaOf = rootFieldAreas(supergraphSdl);
  return {
    ...schemaPages({ schema, topics: topicsOf(supergraphSdl), areaOf, rules }),
    "docs/reference/rest-parity.md": restParityPage(schema, areaOf),
  };
}

/** Returns the pages that are generated from the code alone, by their path in the repository. */
export function generatedPages(): Readonly<Record<string, string>> {
  const supergraphSdl = supergraphOf(allSubgraphs());
  const { fields: hidden } = gatewayOnlyElements(supergraphSdl);
  return {
    ...pagesOfPlatform(),
    ...referenceOfSchema(supergraphSdl),
    "docs/reference/metrics.md": metricsPage(),
    "docs/reference/steps.md": stepsPage(),
    "docs/reference/permissions/roles.md": rolesPage(),
    "docs/reference/permissions/operations.md": operationsPage(allSubgraphs(), hidden),
    "docs/reference/permissions/tested.md": answeredOperations(hidden),
    "docs/evidence/personas.md": personasPage(),
    "README.md": withDemoLogins(read("README.md")),
  };
}

/**
 * Whether a page is built, and not committed: all that a folder of the reference contains alongside its index. `.gitignore` says the same. The other
 * generated pages are small, and readers look for them in the repository.
 */
export const isBuilt = (path: string): boolean => /^docs\/reference\/[^/]+\/(?!index\.md$)/.test(path);
