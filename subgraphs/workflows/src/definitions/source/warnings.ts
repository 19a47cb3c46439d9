import {
  checkEvents,
  checkHolders,
  checkSteps,
  eventsOfMachine,
  graphsOf,
  evaluateProfiles,
  namedInMachine,
  placesIn,
  type EvaluatedGraphPlace,
  type EventsOfMachine,
  type Holders,
  type KnownEvents,
  type Machine,
  type Problem,
} from "@weft/engine";
import { isTriggering, triggeringTypes } from "@weft/shared/event-catalog";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import type { Computing } from "@weft/platform/computing";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import type { CheckedDefinition } from "./check-source.js";
import {
  selectCalendarNames,
  selectDeclaredEventTypes,
  selectEmittedNames,
  selectHeldPermissions,
  selectHeldRoles,
  selectIntegrationKeys,
  selectRulingRoutes,
  selectSecretNames,
  selectStartableKeys,
} from "./named-in-source.store.js";

/** What a tenant has of the names in a machine. */
export type NamedInTenant = {
  readonly held: Holders & { readonly roleSets: readonly ReadonlySet<string>[] };
  readonly steps: {
    readonly graphs: readonly EvaluatedGraphPlace[];
    /** Null: no step reads secrets, or the viewer cannot see them. */
    readonly secrets: ReadonlySet<string> | null;
  };
  readonly events: EventsOfMachine;
  readonly known: KnownEvents | null;
};

/**
 * Reads what the tenant has of the names in a machine. Takes one statement per kind of name. For users who cannot read integrations, every integration
 * counts as existing: a warning would tell them which keys exist.
 */
export async function readNamed(tx: Tx, viewer: Viewer, machine: Machine): Promise<NamedInTenant> {
  const names = namedInMachine(machine);
  const roleSets = await selectHeldRoles(tx, names.roles);
  const roles = new Set(roleSets.flatMap((keys) => [...keys]));
  const permissions = new Set(await selectHeldPermissions(tx, names.permissions));
  const definitions = new Set(await selectStartableKeys(tx, names.definitions));
  const routes = new Set(await selectRulingRoutes(tx, names.routes));
  const calendars = new Set(names.calendars.length > 0 ? await selectCalendarNames(tx) : []);
  const seesIntegrations = reachesAll(viewer, "integration.read");
  const integrations = new Set(names.integrations.length > 0 && seesIntegrations ? await selectIntegrationKeys(tx) : names.integrations);
  const steps = await stepsOf(tx, viewer, machine);
  const events = eventsOfMachine(machine);
  const known = await knownEvents(tx, viewer, events);
  return { held: { roles, roleSets, permissions, definitions, routes, calendars, integrations }, steps, events, known };
}

/**
 * Returns warnings for a valid source: transitions that nobody in the tenant can fire today, or ever, tasks without candidates, unpublished child definitions,
 * routes without rules, unknown calendars, integrations and secrets, steps that the security profile refuses, and events that cannot occur. A draft can
 * refer to roles that nobody has yet; publishing it requires accepting the warnings.
 */
export async function findWarnings(
  tx: Tx,
  { computing, viewer }: Pick<Context, "computing" | "viewer">,
  { machine }: Pick<CheckedDefinition, "machine">,
  text: Text,
): Promise<readonly Problem[]> {
  return machine ? warningsOf(computing, machine, text, await readNamed(tx, viewer, machine)) : [];
}

type Text = { readonly source: string; readonly format?: string | null | undefined };

/** Does the same with names that were already read. */
export async function warningsOf(
  computing: Computing,
  machine: Machine,
  { source, format }: Text,
  { held, steps, events, known }: NamedInTenant,
): Promise<readonly Problem[]> {
  const check = (options: Parameters<typeof checkHolders>[2] = {}): readonly Problem[] => [
    ...checkHolders(machine, held, options),
    ...checkSteps(steps.graphs, steps.secrets, options),
    ...(known === null ? [] : checkEvents(events, known, options)),
  ];
  const warnings = await computing.run(() => check());
  if (warnings.length === 0) return [];
  const locate = await computing.runAll(placesIn(source, format ?? "auto"));
  return computing.run(() => check({ locate }));
}

/** What can occur in the tenant, read only if steps name events. Null: there is nothing to check, or the viewer cannot see which types are declared. */
async function knownEvents(tx: Tx, viewer: Viewer, { published, awaited }: EventsOfMachine): Promise<KnownEvents | null> {
  const sees = (["trigger.read", "event.publish", "event.read"] as const).some((permission) => reachesAll(viewer, permission));
  if (published.length + awaited.length === 0 || !sees) return null;
  const declared = new Set(await selectDeclaredEventTypes(tx));
  const open = awaited.map(({ name }) => name).filter((name) => !declared.has(name) && !isTriggering(name));
  return { declared, triggering: new Set(triggeringTypes), emitted: new Set(await selectEmittedNames(tx, open)) };
}

/** What the security profile says of the machine's steps. For users who cannot read secrets, every secret counts as existing. */
async function stepsOf(tx: Tx, viewer: Viewer, machine: Machine): Promise<NamedInTenant["steps"]> {
  const placed = graphsOf(machine);
  if (placed.length === 0) return { graphs: [], secrets: null };
  const evaluated = await evaluateProfiles(
    tx,
    viewer,
    placed.map(({ graph }) => graph),
  );
  const graphs = placed.map((place, index) => ({ ...place, violations: evaluated[index]?.violations ?? [] }));
  const readsSecrets = placed.some(({ graph }) => graph.secrets.size > 0) && reachesAll(viewer, "secret.read");
  return { graphs, secrets: readsSecrets ? new Set(await selectSecretNames(tx)) : null };
}
