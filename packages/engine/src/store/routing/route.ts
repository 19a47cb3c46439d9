/** Who gets a piece of work, by the tenant's rules. Reads in the transaction that opens the work; takes a turn only where a rule says so. */
import type { Tx } from "@weft/shared";
import type { Outcome, TaskToOpen } from "../../core/outcome.js";
import { parseRoutingCondition } from "../../core/routing/condition.js";
import { judgeRules } from "../../core/routing/route.js";
import type { RoutingChoice, RoutingFacts, RoutingRule } from "../../core/routing/rule.js";
import { asStaff } from "../as-staff.js";
import type { InstanceHead } from "../snapshot.js";
import {
  readClock,
  readOwner,
  readTurn,
  selectActiveRules,
  selectPeople,
  writeTurn,
  type Person,
  type RoutingRuleRow,
} from "./routing.store.js";

/** A rule as it was tried. `reasons`: why it was not the one. */
export type TriedRule = { readonly row: RoutingRuleRow; readonly applies: boolean; readonly reasons: readonly string[] };

/** What routing has found. Without a rule nobody is chosen. */
export type Routed = {
  readonly rule: RoutingRuleRow | null;
  /** Whom it is offered to. */
  readonly candidates: { readonly users: readonly string[]; readonly teams: readonly string[]; readonly roles: readonly string[] };
  /** Who it is given to; null when it is offered to all of them. */
  readonly userId: string | null;
  /** Every rule of the route, in order, those after the one that decided too. */
  readonly tried: readonly TriedRule[];
};

type RoutingRequest = {
  readonly rules: readonly StoredRule[];
  readonly facts: RoutingFacts;
  /** Whose it is: the work is given to somebody else, if there is anybody. UUID. */
  readonly ownerId: string | null;
  /** Asks only: no turn is taken. */
  readonly isTrial: boolean;
  readonly round: Round;
};

/** Work that is routed together. */
type Round = {
  /** What was given to whom, beside what the database counts. */
  readonly given: Map<string, number>;
  /** Whom each rule means, by its id: read once, however much work there is. */
  readonly people: Map<string, readonly Person[]>;
  /** Who had the last turn of each rule, by its id. */
  readonly turns: Map<string, string>;
};

const newRound = (): Round => ({ given: new Map(), people: new Map(), turns: new Map() });

/** The first rule that applies and finds somebody. */
async function routeBy(tx: Tx, { rules, facts, ownerId, isTrial, round }: RoutingRequest): Promise<Routed> {
  const verdicts = judgeRules(rules, facts);
  const tried: TriedRule[] = [];
  let routed: Omit<Routed, "tried"> | null = null;
  for (const { rule, applies, reasons } of verdicts) {
    if (!applies || routed) {
      tried.push({ row: rule.row, applies, reasons: applies ? ["An earlier rule decided."] : reasons });
      continue;
    }
    const people = needsPeople(rule)
      ? (await peopleOf(tx, rule, round)).filter((one, _at, all) => one.id !== ownerId || all.length === 1)
      : null;
    if (people?.length === 0) {
      const skill = rule.target.skill === null ? "" : ` with the skill ${rule.target.skill}`;
      tried.push({ row: rule.row, applies: false, reasons: [`Nobody${skill} is there whom it could be given to.`] });
      continue;
    }
    const userId = people && (await choose(tx, rule, people, { isTrial, round }));
    if (userId !== null) round.given.set(userId, (round.given.get(userId) ?? 0) + 1);
    const { userIds, teamIds, roles, skill } = rule.target;
    const candidates =
      people && skill !== null ? { users: people.map(({ id }) => id), teams: [], roles: [] } : { users: userIds, teams: teamIds, roles };
    routed = { rule: rule.row, candidates, userId };
    tried.push({ row: rule.row, applies: true, reasons: [] });
  }
  return { ...(routed ?? { rule: null, candidates: { users: [], teams: [], roles: [] }, userId: null }), tried };
}

type StoredRule = RoutingRule & { readonly row: RoutingRuleRow };

/** A condition that this version of Weft does not read applies to nothing: it was read when it was saved. */
function toRule(row: RoutingRuleRow): StoredRule {
  const parsed = row.condition === "" ? null : parseRoutingCondition(row.condition);
  const never = { op: "or", args: [] } as const;
  const { id, name, duringWorkingHours, userIds, teamIds, roles, skill } = row;
  return {
    row,
    id,
    name,
    when: parsed && { tree: parsed.ok ? parsed.value : never, source: row.condition },
    duringWorkingHours,
    target: { userIds, teamIds, roles, skill, choice: row.choice as RoutingChoice },
  };
}

async function readRules(tx: Tx, routes: readonly string[]): Promise<StoredRule[]> {
  return (await selectActiveRules(tx, routes)).map(toRule);
}

async function peopleOf(tx: Tx, { id, target }: RoutingRule, { people }: Round): Promise<readonly Person[]> {
  const found = people.get(id) ?? (await selectPeople(tx, target));
  people.set(id, found);
  return found;
}

const needsPeople = ({ target }: RoutingRule): boolean => target.choice !== "EVERYBODY" || target.skill !== null;

async function choose(
  tx: Tx,
  { id, target }: RoutingRule,
  people: readonly Person[],
  { isTrial, round: { given, turns } }: Pick<RoutingRequest, "isTrial" | "round">,
): Promise<string | null> {
  const [first] = people;
  if (!first || target.choice === "EVERYBODY") return null;
  if (target.choice === "LEAST_BUSY") {
    const load = ({ id: userId, busy }: Person): number => busy + (given.get(userId) ?? 0);
    return people.reduce((best, one) => (load(one) < load(best) ? one : best)).id;
  }
  const last = turns.get(id) ?? (await readTurn(tx, id, { lock: !isTrial }));
  const next = (last === null ? first : (people.find((one) => one.id > last) ?? first)).id;
  turns.set(id, next);
  return next;
}

async function writeTurns(tx: Tx, { turns }: Round): Promise<void> {
  for (const [ruleId, userId] of turns) await writeTurn(tx, ruleId, userId);
}

async function readFacts(tx: Tx, { tenantId, teamId, ownerId }: InstanceHead, now: string): Promise<Pick<RoutingFacts, "owner" | "time">> {
  return { owner: await readOwner(tx, ownerId), time: await readClock(tx, { tenantId, teamId, now }) };
}

/** The outcomes with the tasks of routes offered, or given, to whom the rules choose. Where no rule decides, the task's other candidates stay. */
export async function withRoutedTasks(
  tx: Tx,
  head: InstanceHead,
  outcomes: readonly [Outcome, ...Outcome[]],
): Promise<readonly [Outcome, ...Outcome[]]> {
  const routes = new Set(outcomes.flatMap(({ openTasks }) => openTasks.flatMap(({ route }) => (route === null ? [] : [route]))));
  if (routes.size === 0) return outcomes;
  return asStaff(tx, async () => {
    const rules = await readRules(tx, [...routes]);
    if (rules.length === 0) return outcomes;
    const { ownerId, definitionKey } = head;
    const known = await readFacts(tx, head, outcomes[0].at);
    const round = newRound();
    const routed: Outcome[] = [];
    for (const outcome of outcomes) {
      const openTasks: TaskToOpen[] = [];
      for (const task of outcome.openTasks) {
        const facts = { ...known, data: outcome.dataChanges.data, definition: definitionKey, state: task.state, task: task.rule };
        const ofRoute = rules.filter(({ row }) => row.route === task.route);
        const found = ofRoute.length === 0 ? null : await routeBy(tx, { rules: ofRoute, facts, ownerId, isTrial: false, round });
        openTasks.push(found?.rule ? { ...task, candidates: { ...found.candidates, vendors: [] }, assigneeId: found.userId } : task);
      }
      routed.push({ ...outcome, openTasks });
    }
    await writeTurns(tx, round);
    const [first, ...rest] = routed;
    return first ? [first, ...rest] : outcomes;
  });
}

/** Whom a route would choose for a piece of work that is imagined. Nothing is written, no turn is taken. */
export async function tryRoute(tx: Tx, { route, tenantId, ownerRoles, now, ...about }: RouteTrial): Promise<Routed> {
  const time = await readClock(tx, { tenantId, teamId: null, now });
  const facts = { ...about, owner: { id: "", roles: ownerRoles, teamIds: [] }, time };
  return routeBy(tx, { rules: await readRules(tx, [route]), facts, ownerId: null, isTrial: true, round: newRound() });
}

export type RouteTrial = Pick<RoutingFacts, "data" | "definition" | "state" | "task"> & {
  readonly route: string;
  readonly tenantId: string;
  readonly ownerRoles: readonly string[];
  /** ISO 8601 with zone. */
  readonly now: string;
};

/** Who gets what an instance moves, by a route: a person, or the team when it is offered to just that one; null: no rule chooses either. */
export async function routeInstance(
  tx: Tx,
  head: InstanceHead,
  { route, now }: { readonly route: string; readonly now: string },
): Promise<{ readonly type: "USER" | "TEAM"; readonly id: string } | null> {
  return asStaff(tx, async () => {
    const rules = await readRules(tx, [route]);
    if (rules.length === 0) return null;
    const { ownerId, definitionKey: definition, state, data } = head;
    const known = await readFacts(tx, head, now);
    const facts = { ...known, data, definition, state, task: null };
    const round = newRound();
    const { rule, candidates, userId } = await routeBy(tx, { rules, facts, ownerId, isTrial: false, round });
    await writeTurns(tx, round);
    if (!rule) return null;
    if (userId !== null) return { type: "USER", id: userId };
    const [user, ...others] = candidates.users;
    const [team, ...otherTeams] = candidates.teams;
    if (user !== undefined && others.length + candidates.teams.length + candidates.roles.length === 0) return { type: "USER", id: user };
    return team !== undefined && otherTeams.length + candidates.users.length + candidates.roles.length === 0
      ? { type: "TEAM", id: team }
      : null;
  });
}
