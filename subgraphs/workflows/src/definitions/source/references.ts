import { agentsOfSteps, eventsOfMachine, graphsOf, namedInMachine, type Machine } from "@weft/engine";
import { isTriggering } from "@weft/shared/event-catalog";
import { customerPermissions, reachesAll, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { selectAgentKeys, selectCustomPermissionNames, selectRoleKeys } from "./named-in-source.store.js";
import type { NamedInTenant } from "./warnings.js";

export type ReferenceKind = "ROLE" | "PERMISSION" | "DEFINITION" | "ROUTE" | "CALENDAR" | "INTEGRATION" | "SECRET" | "AGENT" | "EVENT_TYPE";

export type NamedReference = { readonly kind: ReferenceKind; readonly name: string };

/** Returns what a machine references by name in a tenant: kind by kind, each once. */
export function referencesOf(machine: Machine): readonly NamedReference[] {
  const names = namedInMachine(machine);
  const { published, awaited } = eventsOfMachine(machine);
  const all: readonly (readonly [ReferenceKind, readonly string[]])[] = [
    ["ROLE", names.roles],
    ["PERMISSION", names.permissions],
    ["DEFINITION", names.definitions],
    ["ROUTE", names.routes],
    ["CALENDAR", names.calendars],
    ["INTEGRATION", names.integrations],
    ["SECRET", graphsOf(machine).flatMap(({ graph }) => [...graph.secrets])],
    ["AGENT", agentsOfSteps(machine)],
    ["EVENT_TYPE", [...published, ...awaited].map(({ name }) => name)],
  ];
  return all.flatMap(([kind, given]) => [...new Set(given)].map((name) => ({ kind, name })));
}

/**
 * Returns those of the references that the tenant has, with null for those of which the viewer cannot know. Most was read for the warnings; roles, custom
 * permissions and agents take at most one statement each.
 */
export async function availabilityOf(
  tx: Tx,
  viewer: Viewer,
  references: readonly NamedReference[],
  { held, steps, known }: NamedInTenant,
): Promise<(reference: NamedReference) => boolean | null> {
  const namesOf = (kind: ReferenceKind): string[] => references.filter((reference) => reference.kind === kind).map(({ name }) => name);
  const roles = new Set(namesOf("ROLE").length > 0 ? await selectRoleKeys(tx) : []);
  const custom = namesOf("PERMISSION").length > 0 ? await selectCustomPermissionNames(tx) : [];
  const permissions = new Set<string>([...customerPermissions, ...custom]);
  const agents = reachesAll(viewer, "agent.read") ? new Set(await selectAgentKeys(tx, namesOf("AGENT"))) : null;
  return ({ kind, name }) => {
    switch (kind) {
      case "ROLE":
        return roles.has(name);
      case "PERMISSION":
        return permissions.has(name);
      case "DEFINITION":
        return held.definitions.has(name);
      case "ROUTE":
        return held.routes.has(name);
      case "CALENDAR":
        return held.calendars.has(name);
      case "INTEGRATION":
        return reachesAll(viewer, "integration.read") ? held.integrations.has(name) : null;
      case "SECRET":
        return steps.secrets?.has(name) ?? null;
      case "AGENT":
        return agents?.has(name) ?? null;
      case "EVENT_TYPE":
        return known && (known.declared.has(name) || known.emitted.has(name) || isTriggering(name));
      default:
        return kind satisfies never;
    }
  };
}
