/** `@weft/server/definitions`: definitions of workflows and automations in TypeScript. They have the keys of those in YAML. */
import { stringify } from "yaml";
import type { Automation, Lifecycle } from "./generated/definition.js";

export type * from "./generated/definition.js";

/**
 * Returns a workflow with states. The compiler checks its keys and values, and that the states exist to which transitions lead.
 *
 * ```ts
 * const visit = defineWorkflow({
 *   weft: 1,
 *   key: "visit",
 *   name: "Visit",
 *   initial: "open",
 *   states: { open: { transitions: { close: { to: "done" } } }, done: { final: "completed" } },
 * });
 * ```
 */
export function defineWorkflow<const StateName extends string, const StepId extends string = string>(
  workflow: Lifecycle<StateName, StepId>,
): Lifecycle<StateName, StepId> {
  return workflow;
}

/** Returns an automation. The compiler checks its keys and values, the inputs of built-in steps, and that the steps exist on which others depend. */
export function defineAutomation<const StepId extends string>(automation: Automation<StepId>): Automation<StepId> {
  return automation;
}

/** Writes a definition as YAML, for `createDefinition`, for files, and for the command line. */
export function toYaml(definition: Lifecycle | Automation): string {
  return stringify(definition, { version: "1.2", schema: "core", lineWidth: 0, aliasDuplicateObjects: false });
}
