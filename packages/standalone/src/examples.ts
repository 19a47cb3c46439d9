import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type ExampleOperation, readExampleOperations } from "@weft/gateway";

const folder = new URL("../../../examples/", import.meta.url);

/** The operations of `examples/operations`, group by group; the name of `3-requests-and-tasks/4-create-request.graphql` is `create-request`. */
export const loadExampleOperations = (): Promise<ExampleOperation[]> =>
  readExampleOperations(fileURLToPath(new URL("operations/", folder)));

/** The definitions of `examples/definitions`, those that others start before them. */
export const templates = [
  "maintenance-request",
  "purchase-approval",
  "vendor-onboarding",
  "contract-approval",
  "leave-request",
  "incident",
  "loan-underwriting",
  "asset-decommission",
  "project",
  "project-phase",
  "phased-project",
] as const;

/** The text of a definition of `examples/definitions`, by its key. */
export function loadExampleDefinition(key: string): Promise<string> {
  return readFile(new URL(`definitions/${key}.yaml`, folder), "utf8");
}
