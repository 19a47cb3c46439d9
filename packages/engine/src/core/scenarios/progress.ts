import type { Actor } from "../actor.js";
import type { NewIncident } from "../incident.js";
import type { TaskToOpen } from "../outcome.js";
import type { Path } from "../problems.js";
import type { Snapshot } from "../snapshot.js";
import type { Ticks } from "../ticks.js";
import type { Given } from "./scenario.js";

/** An open task with what the snapshot does not have. */
export type OpenTask = TaskToOpen & { readonly id: string };

/** How far a scenario has come. */
export type Run = {
  readonly snapshot: Snapshot;
  readonly now: string;
  readonly visited: readonly string[];
  readonly tasks: readonly OpenTask[];
  readonly ticks: Ticks;
  readonly incident: NewIncident | null;
  /** As given. */
  readonly routes: Given["routes"];
};

/** `path` leads to the step or expectation in the definition. */
export type ScenarioFailure = { readonly path: Path; readonly message: string };

/** Whether only who manages tasks sees it, and may take it; whom a route chooses is not known here. */
export const namesNobody = ({ candidates: { roles, users, teams, vendors }, route }: OpenTask): boolean =>
  route === null && [roles, users, teams, vendors].every((list) => list.length === 0);

/** As a queue offers tasks: to those whom it names. */
export function isOffered({ candidates }: OpenTask, { roles, principals }: Actor): boolean {
  const { userIds, teamIds, vendorId } = principals;
  return (
    candidates.roles.some((role) => roles.includes(role)) ||
    candidates.users.some((id) => userIds.includes(id)) ||
    candidates.teams.some((id) => teamIds.includes(id)) ||
    (vendorId !== null && candidates.vendors.includes(vendorId))
  );
}
