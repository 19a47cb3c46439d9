import { liveFields } from "@weft/api/live";
import type { TestUser } from "../test-user.js";
import type { TestWeft } from "../test-weft.js";
import { composedApi, type RootField, rootFieldsOf } from "./api-schema.js";
import { firstOf } from "./attempts.js";
import { filterCases, lookupCases, operatorsQueries } from "./cases.js";
import type { MutationCase } from "./cases/case.js";
import { typeOfId, type Fixture } from "./fixture.js";

// Shared by the tests that walk the composed schema.

export const schema = composedApi();
const roots = rootFieldsOf(schema);
export const rootsOf = (kind: RootField["kind"]) => roots.filter((root) => root.kind === kind);
export const mutations = rootsOf("mutation");
export const queries = rootsOf("query").filter(({ name }) => !operatorsQueries.has(name));
/** Queries whose filters take IDs. Queries that mirror a subscription return nothing without an event. */
export const filtered = queries.filter(({ name, idPaths }) => !(name in liveFields) && idPaths.some((path) => path.startsWith("filter.")));
export const lookups = queries.filter(({ name, idPaths }) => idPaths.some((path) => `${name}.${path}` in lookupCases));

/** Returns the filter field of `requests` and `filter.building.eq`, regardless of the operator. A filter without operators takes the ID itself. */
export const filterOf = (name: string, path: string): string =>
  path.split(".").length === 2 ? `${name}.${path}` : `${name}.${path.slice(0, path.lastIndexOf("."))}`;

/** Returns the value at a path. A path through a list leads to its first item. */
export const at = (variables: Record<string, unknown>, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, part) => ((Array.isArray(value) ? value[0] : value) as Record<string, unknown> | undefined)?.[part],
      variables,
    );

export const actorOf = async (
  weft: TestWeft,
  fixture: Fixture,
  { as, byOperator, inOwnLogin, inOwnSession, inOwnTenant }: Partial<MutationCase>,
): Promise<TestUser> => {
  if (byOperator) return (await fixture.tenant.platform()).operator;
  if (inOwnTenant) return (await weft.tenant("Passing")).admin;
  if (inOwnLogin) return fixture.tenant.user("viewer");
  const actor = as === undefined ? fixture.admin : fixture[as];
  return inOwnSession ? actor.again() : actor;
};

export const fittingFilter = (root: RootField, path: string, ids: readonly string[]): string[] =>
  ids.filter((id) => filterCases[filterOf(root.name, path)]?.includes(typeOfId(id)));
export const ofTypeOf = (like: unknown, ids: readonly string[]): string[] => ids.filter((id) => typeOfId(id) === typeOfId(firstOf(like)));
function ownIdFor({ teamId, vendorId, teamDestinationId }: Fixture, path: string): string | undefined {
  const own = { teamId, vendorId, destinationId: teamDestinationId };
  return Object.entries(own).find(([field]) => path.endsWith(field))?.[1];
}
/**
 * Returns the ID, or the IDs, at a path of a valid input.
 * @throws if the input has none
 */
export function ownIdAt(fixture: Fixture, { name }: RootField, variables: Record<string, unknown>, path: string): unknown {
  const own = at(variables, path) ?? ownIdFor(fixture, path);
  if (typeof [own].flat()[0] !== "string")
    throw new Error(`${name}: the example input has no ID at ${path}. Declare a case in testkit/src/isolation/cases.`);
  return own;
}
export const inputOf = ({ field }: RootField, input: Record<string, unknown>) => (field.args.length === 0 ? {} : { input });
