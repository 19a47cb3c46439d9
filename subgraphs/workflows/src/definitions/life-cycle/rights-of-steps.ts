import { worksOfSteps, type Machine, type StepWork } from "@weft/engine";
import { Forbidden } from "@weft/shared/errors";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import type { DefinitionRow } from "../definition.type.js";

interface Publication {
  readonly definition: Pick<DefinitionRow, "key" | "number">;
  readonly machine: Machine | null;
  readonly verb: "publish" | "promote";
}

/**
 * Some steps of a published version use rights of whoever publishes it. A step that waits for an event reads the payload of any event of the tenant, as a
 * trigger does. The operations of `graphql` steps have no rights that the publisher does not have, and an API key has less than its user.
 * @throws Forbidden if the viewer may not bring such steps into an environment
 */
export function assertMayPublishSteps(viewer: Viewer, { definition, machine, verb }: Publication): void {
  const works = machine === null ? [] : worksOfSteps(machine);
  const version = `version ${definition.number} of ${definition.key}`;
  if (works.some(waitsForEvent) && !reachesAll(viewer, "trigger.manage"))
    throw new Forbidden(
      `Steps of ${version} wait for events. To ${verb} it, you need the permission trigger.manage in the whole tenant, as for triggers.`,
    );
  if (viewer.apiKey !== null && works.some(({ work }) => work.type === "graphql"))
    throw new Forbidden(`Steps of ${version} run operations with your rights. To ${verb} it, log in as a user: API keys cannot.`);
}

function waitsForEvent({ work: { type, with: input } }: StepWork): boolean {
  if (type !== "wait") return false;
  if (input.kind === "object") return input.members.some(([name]) => name === "event");
  return input.kind === "value" && typeof input.value === "object" && input.value !== null && "event" in input.value;
}
