/**
 * Routing: finds out who gets a piece of work, by the tenant's rules.
 * It reads in the transaction that opens the work, and takes a turn only where a rule says so.
 * This module never decides whether a rule applies: the core does.
 */
import type { Tx } from "@weft/platform/db";
import type { Outcome, TaskToOpen } from "../../core/model/outcome.js";
import { parseRoutingCondition } from "../../core/routing/condition.js";
import { evaluateRules } from "../../core/routing/route.js";
import type { RoutingStrategy, RoutingFacts, RoutingRule } from "../../core/routing/rule.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";
import type { InstanceHead } from "../model/instance-head.js";
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

/** A rule that was evaluated. `reasons`: why it was not used. */
export type EvaluatedRule = { readonly row: RoutingRuleRow; readonly applies: boolean; readonly reasons: readonly string[] };

/** The result of routing. If no rule applies, nobody is chosen. */
export type Routed = {
  readonly rule: RoutingRuleRow | null;
  /** The candidates to whom it is offered. */
  readonly candidates: { readonly users: readonly string[]; readonly teams: readonly string[]; readonly roles: readonly string[] };
  /** The user to whom it is given; null if it is offered to all of them. */
  readonly userId: string | null;
  /** Every rule of the route, in order, including those after the one that decided. */
  readonly evaluatedRules: readonly EvaluatedRule[];
};

type RoutingRequest = {
  readonly rules: readonly StoredRule[];
  readonly facts: RoutingFacts;
  /** UUID of the owner: the work is given to another user, if there is one. */
  readonly ownerId: string | null;
  /** Only tests: no turn is taken. */
  readonly isTrial: boolean;
  readonly round: Round;
};

/** Work that is routed together. */
type Round = {
  /** Who was given what, in addition to what the database counts. */
  readonly given: Map<string, number>;
  /** The users of each rule, by rule ID: read once, whatever the amount of work. */
  readonly people: Map<string, readonly Person[]>;
  /** Who had the last turn of each rule, by rule ID. */
  readonly turns: Map<string, string>;
};

const newRound = (): Round => ({ given: new Map(), people: new Map(), turns: new Map() });

/** Applies the first rule that applies and finds a user. */
async function routeBy(tx: Tx, { rules, facts, ownerId, isTrial, round }: RoutingRequest): Promise<Routed> {
  const results = evaluateRules(rules, facts);
  const evaluatedRules: EvaluatedRule[] = [];
  let routed: Omit<Routed, "evaluatedRules"> | null = null;
  for (const { rule, applies, reasons } of results) {
    if (!applies || routed) {
      evaluatedRules.push({ row: rule.row, applies, reasons: applies ? ["An earlier rule applied."] : reasons });
      continue;
    }
    const people = needsPeople(rule)
      ? (await peopleOf(tx, rule, round)).filter((one, _at, all) => one.id !== ownerId || all.length === 1)
      : null;
    if (people?.length === 0) {
      const skill = rule.target.skill === null ? "" : ` with the skill ${rule.target.skill}`;
      evaluatedRules.push({ row: rule.row, applies: false, reasons: [`Nobody${skill} is available to take it.`] });
      continue;
    }
    const userId = people && (await choose(tx, rule, people, { isTrial, round }));
    if (userId !== null) round.given.set(userId, (round.given.get(userId) ?? 0) + 1);
    const { userIds, teamIds, roles, skill } = rule.target;
    const candidates =
      people && skill !== null ? { users: people.map(({ id }) => id), teams: [], roles: [] } : { users: userIds, teams: teamIds, roles };
    routed = { rule: rule.row, candidates, userId };
    evaluatedRules.push({ row: rule.row, applies: true, reasons: [] });
  }
  return { ...(routed ?? { rule: null, candidates: { users: [], teams: [], roles: [] }, userId: null }), evaluatedRules };
}

type StoredRule = RoutingRule & { readonly row: RoutingRuleRow };

/** A condition that this version of Weft cannot read never applies: it was readable when it was saved. */
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
    target: { userIds, teamIds, roles, skill, strategy: row.strategy as RoutingStrategy },
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

const needsPeople = ({ target }: RoutingRule): boolean => target.strategy !== "EVERYBODY" || target.skill !== null;

async function choose(
  tx: Tx,
  { id, target }: RoutingRule,
  people: readonly Person[],
  { isTrial, round: { given, turns } }: Pick<RoutingRequest, "isTrial" | "round">,
): Promise<string | null> {
  const [first] = people;
  if (!first || target.strategy === "EVERYBODY") return null;
  if (target.strategy === "LEAST_BUSY") {
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

/**
 * Returns the outcomes with the tasks of routes offered, or given, to the users whom the rules choose. If no rule applies, the task's other
 * candidates stay.
 */
export async function withRoutedTasks(
  tx: Tx,
  head: InstanceHead,
  outcomes: readonly [Outcome, ...Outcome[]],
): Promise<readonly [Outcome, ...Outcome[]]> {
  const routes = new Set(outcomes.flatMap(({ openTasks }) => openTasks.flatMap(({ route }) => (route === null ? [] : [route]))));
  if (routes.size === 0) return outcomes;
  return withoutVendorScope(tx, async () => {
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

/** Returns whom a route would choose for hypothetical work. Nothing is written, no turn is taken. */
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

/** Returns whom a route chooses for an open task, and takes their turn. */
export async function routeTask(
  tx: Tx,
  head: InstanceHead,
  { route, task, now }: { readonly route: string; readonly task: { readonly rule: string; readonly state: string }; readonly now: string },
): Promise<Routed> {
  return withoutVendorScope(tx, async () => {
    const { ownerId, definitionKey: definition, data } = head;
    const facts = { ...(await readFacts(tx, head, now)), data, definition, state: task.state, task: task.rule };
    const round = newRound();
    const routed = await routeBy(tx, { rules: await readRules(tx, [route]), facts, ownerId, isTrial: false, round });
    await writeTurns(tx, round);
    return routed;
  });
}

/** Returns to whom a route assigns an instance: a user, or the team if it is offered to that team only; null: no rule chooses either. */
export async function routeInstance(
  tx: Tx,
  head: InstanceHead,
  { route, now }: { readonly route: string; readonly now: string },
): Promise<{ readonly type: "USER" | "TEAM"; readonly id: string } | null> {
  return withoutVendorScope(tx, async () => {
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
