import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type ExampleOperation, readExampleOperations } from "@weft/gateway";

const folder = new URL("../../../examples/", import.meta.url);

/** Returns the operations of `examples/operations`, group by group. The name of `3-requests-and-tasks/4-create-request.graphql` is `create-request`. */
export const loadExampleOperations = (): Promise<ExampleOperation[]> =>
  readExampleOperations(fileURLToPath(new URL("operations/", folder)));

/** The definitions in `examples/definitions`. A definition comes after those that it starts. */
export const templates = [
  "maintenance-request",
  "purchase-approval",
  "vendor-onboarding",
  "contract-approval",
  "scope-change-approval",
  "leave-request",
  "incident",
  "loan-underwriting",
  "asset-decommission",
  "inspection",
  "project",
  "project-phase",
  "phased-project",
  "milestone-approval",
] as const;

/** Returns the text of a definition in `examples/definitions`, by its key. */
export function loadExampleDefinition(key: string): Promise<string> {
  return readFile(new URL(`definitions/${key}.yaml`, folder), "utf8");
}

/** Returns the text of an automation in `examples/automations`, by the name of its file. */
export function loadExampleAutomation(name: string): Promise<string> {
  return readFile(new URL(`automations/${name}.yaml`, folder), "utf8");
}
