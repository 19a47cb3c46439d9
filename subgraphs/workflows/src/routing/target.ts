/** Reads the candidates, condition and times of a rule from an input, and validates them against the tenant's users, teams and roles. */
import { parseRoutingCondition } from "@weft/engine";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { workersAmong } from "@weft/platform/directory";
import { routingRuleColumns, type CreateRoutingRuleInput, type RoutingHours } from "./routing-rule.type.js";
import { selectRoles, selectTeams } from "./routing-rule.store.js";

const MAX_LISTED = 100;
const MAX_POSITION = 1_000_000;

export type GivenRule = Partial<Omit<CreateRoutingRuleInput, "idempotencyKey" | "route">>;

/**
 * Returns the columns for the fields passed. Omitted fields stay omitted.
 * @throws BadUserInput with all problems
 */
export async function readRule(tx: Tx, given: GivenRule) {
  const problems = [...routingRuleColumns.textProblems(given), ...conditionProblems(given.condition), ...lengthProblems(given)];
  const { position } = given;
  if (typeof position === "number" && (position < 1 || position > MAX_POSITION))
    problems.push({ path: "input.position", message: `The position must be a number from 1 to ${MAX_POSITION}.` });
  if (problems.length > 0) throw new BadUserInput(problems);
  const userIds = given.userIds?.map((id, at) => decodeId("user", id, `input.userIds.${at}`));
  const teamIds = given.teamIds?.map((id, at) => decodeId("team", id, `input.teamIds.${at}`));
  const { roles } = given;
  const [knownUsers, knownTeams, knownRoles] = [
    await workersAmong(tx, userIds ?? []),
    await selectTeams(tx, teamIds ?? []),
    await selectRoles(tx, roles ?? []),
  ];
  const unknown = [
    ...unknownOf("userIds", userIds, knownUsers, () => "No user with this ID who can be assigned work exists."),
    ...unknownOf("teamIds", teamIds, knownTeams, () => "No team with this ID exists."),
    ...unknownOf("roles", roles ?? undefined, knownRoles, (key) => `The role ${quote(key)} does not exist.`),
  ];
  if (unknown.length > 0) throw new BadUserInput(unknown);
  const distinct = (list: readonly string[]) => [...new Set(list)];
  return {
    ...(typeof given.name === "string" && { name: given.name.trim() }),
    ...(typeof position === "number" && { position }),
    ...(given.condition !== undefined && { condition: given.condition?.trim() ?? "" }),
    ...(given.workingHours && { duringWorkingHours: stored[given.workingHours] }),
    ...(userIds && { userIds: distinct(userIds) }),
    ...(teamIds && { teamIds: distinct(teamIds) }),
    ...(roles && { roles: distinct(roles) }),
    ...(given.skill !== undefined && { skill: given.skill === null ? null : toSkill(given.skill) }),
    ...(given.strategy && { strategy: given.strategy as string }),
    ...(typeof given.isActive === "boolean" && { isActive: given.isActive }),
  };
}

/** Stored value: during working hours or not; null for both. */
const stored: Readonly<Record<RoutingHours, boolean | null>> = { ANY: null, WITHIN: true, OUTSIDE: false };

/** Returns a skill as it is stored and searched for. */
export const toSkill = (skill: string): string => skill.trim().toLowerCase();

function conditionProblems(condition: string | null | undefined): Problem[] {
  if (typeof condition !== "string" || condition.trim() === "") return [];
  const parsed = parseRoutingCondition(condition);
  return parsed.ok ? [] : [{ path: "input.condition", message: parsed.message }];
}

const lengthProblems = ({ userIds, teamIds, roles }: GivenRule): Problem[] =>
  Object.entries({ userIds, teamIds, roles }).flatMap(([name, list]) =>
    (list?.length ?? 0) > MAX_LISTED
      ? [{ path: `input.${name}`, message: `${list?.length} entries were passed; the maximum is ${MAX_LISTED}.` }]
      : [],
  );

function unknownOf(
  name: string,
  given: readonly string[] | undefined,
  known: ReadonlySet<string>,
  message: (one: string) => string,
): Problem[] {
  return (given ?? []).flatMap((one, at) => (known.has(one) ? [] : [{ path: `input.${name}.${at}`, message: message(one) }]));
}
