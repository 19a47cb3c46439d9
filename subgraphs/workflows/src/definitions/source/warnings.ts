import {
  checkHolders,
  checkSteps,
  graphsOf,
  evaluateProfiles,
  namedInMachine,
  placesIn,
  type EvaluatedGraphPlace,
  type Machine,
  type Problem,
} from "@weft/engine";
import { reachesAll, type Context, type Tx, type Viewer } from "@weft/shared";
import type { CheckedDefinition } from "./check-source.js";
import {
  selectCalendarNames,
  selectHeldPermissions,
  selectHeldRoles,
  selectIntegrationKeys,
  selectRulingRoutes,
  selectSecretNames,
  selectStartableKeys,
} from "./named-in-source.store.js";

/**
 * Returns warnings for a valid source: transitions that nobody in the tenant can fire today, tasks without candidates, unpublished child definitions,
 * routes without rules, unknown calendars, integrations and secrets, and steps that the security profile refuses. A draft can refer to roles that nobody has yet; publishing it requires accepting the
 * warnings. Takes one statement per kind of name. For users who cannot read integrations, every integration counts as existing: a warning would tell
 * them which keys exist.
 */
export async function findWarnings(
  tx: Tx,
  { computing, viewer }: Pick<Context, "computing" | "viewer">,
  { machine }: CheckedDefinition,
  { source, format }: { readonly source: string; readonly format?: string | null | undefined },
): Promise<readonly Problem[]> {
  if (!machine) return [];
  const names = namedInMachine(machine);
  const roles = new Set(await selectHeldRoles(tx, names.roles));
  const permissions = new Set(await selectHeldPermissions(tx, names.permissions));
  const definitions = new Set(await selectStartableKeys(tx, names.definitions));
  const routes = new Set(await selectRulingRoutes(tx, names.routes));
  const calendars = new Set(names.calendars.length > 0 ? await selectCalendarNames(tx) : []);
  const seesIntegrations = reachesAll(viewer, "integration.read");
  const integrations = new Set(names.integrations.length > 0 && seesIntegrations ? await selectIntegrationKeys(tx) : names.integrations);
  const held = { roles, permissions, definitions, routes, calendars, integrations };
  const steps = await stepsOf(tx, viewer, machine);
  const check = (options: Parameters<typeof checkHolders>[2] = {}): readonly Problem[] => [
    ...checkHolders(machine, held, options),
    ...checkSteps(steps.graphs, steps.secrets, options),
  ];
  const warnings = await computing.run(() => check());
  if (warnings.length === 0) return [];
  const locate = await computing.runAll(placesIn(source, format ?? "auto"));
  return computing.run(() => check({ locate }));
}

/** What the security profile says of the machine's steps. For users who cannot read secrets, every secret counts as existing. */
async function stepsOf(
  tx: Tx,
  viewer: Viewer,
  machine: Machine,
): Promise<{ readonly graphs: readonly EvaluatedGraphPlace[]; readonly secrets: ReadonlySet<string> | null }> {
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
