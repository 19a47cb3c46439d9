import { checkHolders, namedInMachine, placesIn, type Problem } from "@weft/engine";
import { reachesAll, type Context, type Tx } from "@weft/shared";
import type { CheckedDefinition } from "./check-source.js";
import {
  selectCalendarNames,
  selectHeldPermissions,
  selectHeldRoles,
  selectIntegrationKeys,
  selectRulingRoutes,
  selectStartableKeys,
} from "./named-in-source.store.js";

/**
 * Returns warnings for a valid source: transitions that nobody in the tenant can fire today, tasks without candidates, unpublished child definitions,
 * routes without rules, unknown calendars and integrations. A draft can refer to roles that nobody has yet; publishing it requires accepting the
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
  const warnings = await computing.run(() => checkHolders(machine, held));
  if (warnings.length === 0) return [];
  const locate = await computing.runAll(placesIn(source, format ?? "auto"));
  return computing.run(() => checkHolders(machine, held, { locate }));
}
