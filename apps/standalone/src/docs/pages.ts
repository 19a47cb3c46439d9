import { readFileSync } from "node:fs";
import { apiSchemaOf, gatewayOnlyElements, rootFieldAreas } from "@weft/gateway";
import { generatedPages as pagesOfShared } from "@weft/shared";
import { allSubgraphs } from "../subgraphs.js";
import { answeredOperations } from "./answered.js";
import { withDemoLogins } from "./demo-logins-table.js";
import { metricsPage } from "./metrics-page.js";
import { permissionsPage } from "./permissions-page.js";
import { personasPage } from "./personas-page.js";
import { restParityPage } from "./rest-parity-page.js";
import { schemaPages } from "./schema/schema-pages.js";
import { stepsPage } from "./steps-page.js";
import { topicsOf } from "./schema/topics.js";

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

/** From the committed supergraph. `pnpm check` verifies that it matches the subgraphs. */
function referenceOfSchema(): Record<string, () => string> {
  const supergraphSdl = read("supergraph.graphql");
  const rules = new Map(
    allSubgraphs().flatMap((subgraph) => subgraph.rules.map(({ type, field, rule }) => [`${type}.${field}`, rule.label])),
  );
  const schema = apiSchemaOf(supergraphSdl);
  const areaOf = rootFieldAreas(supergraphSdl);
  const pages = {
    ...schemaPages({ schema, topics: topicsOf(supergraphSdl), areaOf, rules }),
    "docs/reference/rest-parity.md": restParityPage(schema, areaOf),
  };
  return Object.fromEntries(Object.entries(pages).map(([path, text]) => [path, () => text]));
}

/** The pages generated from the code, by their path in the repository. A test and `pnpm check` detect stale pages. */
export const generatedPages: Readonly<Record<string, () => string>> = {
  ...pagesOfShared,
  ...referenceOfSchema(),
  "docs/reference/metrics.md": metricsPage,
  "docs/reference/steps.md": stepsPage,
  "docs/reference/permissions.md": () => {
    const { fields: hidden } = gatewayOnlyElements(read("supergraph.graphql"));
    return permissionsPage(allSubgraphs(), hidden) + answeredOperations(hidden);
  },
  "docs/evidence/personas.md": personasPage,
  "README.md": () => withDemoLogins(read("README.md")),
};
