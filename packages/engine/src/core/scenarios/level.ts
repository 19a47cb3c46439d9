/** Does a level of an escalation that is due, in memory. */
import { changesOfLevel, concernedTasks, loopOf, NO_LEAD, NO_OPEN_TASK, noRule, resultOf, whyUnmet } from "../automatic/escalate.js";
import { incidentOutcome, MAX_AUTOMATIC } from "../automatic/fire-automatic.js";
import type { EscalationLevel, EscalationRule, Reassignment } from "../model/escalation.js";
import type { Outcome, TaskToOpen } from "../model/outcome.js";
import { TASK_PRIORITIES, type TaskPriority } from "../model/priority.js";
import { systemActor } from "../timers/system-actor.js";
import { effect, type Effect, type EffectAction } from "./effects.js";
import type { Chain, OpenTask, Run } from "./progress.js";
import type { SetTimer } from "./timers.js";
import type { Environment } from "./environment.js";
import { withNextLevel, written } from "./written.js";

/** Returns the run after the level of a timer of the kind ESCALATION, which is no longer set. */
export function fireLevel(environment: Environment, before: Run, { payload }: SetTimer): Run {
  const { machine } = environment;
  const chain = before.chains.find(({ id }) => id === payload["runId"]);
  const rule = chain && machine.escalations.get(chain.chain);
  const level = chain && rule?.levels[chain.nextLevel];
  if (!chain || chain.endedAt !== null || !rule || !level || chain.nextLevel !== payload["level"]) return before;
  const counted = { ...chain, nextLevel: chain.nextLevel + 1 };
  const run = { ...before, chains: before.chains.map((one) => (one === chain ? counted : one)) };
  if (chain.depth > MAX_AUTOMATIC) return stopped(environment, run, chain, rule);
  const { run: after, ...facts } = doLevel(environment, run, { chain, rule, level });
  return withNextLevel(environment, withEffect(after, chain, facts), chain.id);
}

function stopped(environment: Environment, run: Run, chain: Chain, rule: EscalationRule): Run {
  const incident = loopOf(rule);
  const outcome = incidentOutcome(run.snapshot, incident, { actor: systemActor, now: run.now });
  return withEffect(written(environment, run, [outcome]), chain, { outcome: "FAILED", reason: incident.message, outcomes: [outcome] });
}

const withEffect = (run: Run, { chain, nextLevel, taskId }: Chain, facts: Partial<Effect>): Run => ({
  ...run,
  effects: [
    ...run.effects,
    effect("ESCALATION", run.now, chain, { level: nextLevel + 1, task: run.tasks.find(({ id }) => id === taskId)?.rule ?? null, ...facts }),
  ],
});

type Due = { readonly chain: Chain; readonly rule: EscalationRule; readonly level: EscalationLevel };
type Result = Pick<Effect, "outcome" | "reason" | "outcomes" | "actions"> & { readonly run: Run };

function doLevel(environment: Environment, before: Run, { chain, rule, level }: Due): Result {
  const { machine } = environment;
  const { snapshot, now } = before;
  const unmet = whyUnmet(machine, snapshot, rule.when, now) ?? whyUnmet(machine, snapshot, level.when, now);
  if (unmet !== null) return { run: before, outcome: "SKIPPED", reason: unmet, outcomes: [], actions: [] };
  const taskIds = concernedTasks(snapshot, chain.taskId);
  const actions: EffectAction[] = [];
  const outcomes: Outcome[] = [];
  let run = before;
  if (level.reassign) run = reassigned(environment, run, taskIds, level.reassign, actions);
  if (level.priority !== null) run = raised(run, taskIds, level.priority, actions);
  if (level.notify) actions.push(action("NOTIFY", { roles: level.notify.roles }));
  if (level.start) actions.push(action("START", { to: level.start.definition }));
  for (const { kind, from, to, decide } of changesOfLevel(level, snapshot.data)) {
    const asked = { machine, snapshot: run.snapshot, actor: systemActor, now, chain: rule.name, level: chain.nextLevel + 1 };
    const decided = decide?.({ ...asked, depth: chain.depth });
    const reason = decided && "reason" in decided ? decided.reason : null;
    if (decided && "outcomes" in decided) {
      run = written(environment, run, decided.outcomes);
      outcomes.push(...decided.outcomes);
    }
    if (kind !== null) actions.push(action(kind, { from, to, reason }));
  }
  return { run, ...resultOf(actions), outcomes, actions };
}

const nothing = { task: null, from: null, to: null, roles: [], reason: null };
const action = (kind: EffectAction["kind"], facts: Partial<EffectAction>): EffectAction => ({ ...nothing, kind, ...facts });

/** Gives the tasks to others, whoever has claimed them. */
function reassigned(environment: Environment, run: Run, ids: readonly string[], to: Reassignment, actions: EffectAction[]): Run {
  const found = run.tasks.filter(({ id }) => ids.includes(id));
  if (found.length === 0) actions.push(action("REASSIGN", { reason: NO_OPEN_TASK }));
  const candidates = found.length === 0 ? null : whoGets(environment, to);
  for (const { rule: task } of found)
    actions.push(action("REASSIGN", candidates && !("reason" in candidates) ? { task, roles: candidates.roles } : { task, ...candidates }));
  if (!candidates || "reason" in candidates) return run;
  const { roles, users } = candidates;
  const offer = { candidateRoles: roles, candidateUserIds: users, candidateTeamIds: [], candidateVendorIds: [] };
  const openTasks = run.snapshot.openTasks.map((one) =>
    ids.includes(one.id) ? { ...one, ...offer, assigneeId: null, delegatedFrom: [] } : one,
  );
  const tasks = run.tasks.map((one): OpenTask => (ids.includes(one.id) ? { ...one, candidates } : one));
  return { ...run, snapshot: { ...run.snapshot, openTasks }, tasks };
}

/** An instance in memory has no team, so no lead. */
function whoGets({ routes }: Environment, to: Reassignment): TaskToOpen["candidates"] | { readonly reason: string } {
  switch (to.kind) {
    case "roles":
      return { roles: to.roles, users: [], teams: [], vendors: [] };
    case "lead":
      return { reason: NO_LEAD };
    case "route": {
      const chosen = routes.get(to.route);
      return chosen ? { roles: [], users: chosen.map(({ id }) => id), teams: [], vendors: [] } : { reason: noRule(to.route) };
    }
    default:
      return to satisfies never;
  }
}

/** Raises the priority of the tasks to at least this one. */
function raised(run: Run, ids: readonly string[], lowest: TaskPriority, actions: EffectAction[]): Run {
  const found = run.tasks.filter(({ id }) => ids.includes(id));
  if (found.length === 0) actions.push(action("PRIORITY", { reason: NO_OPEN_TASK }));
  const isLower = ({ priority }: OpenTask): boolean => TASK_PRIORITIES.indexOf(priority) < TASK_PRIORITIES.indexOf(lowest);
  for (const task of found)
    actions.push(action("PRIORITY", { task: task.rule, from: task.priority, to: isLower(task) ? lowest : task.priority }));
  return { ...run, tasks: run.tasks.map((task) => (ids.includes(task.id) && isLower(task) ? { ...task, priority: lowest } : task)) };
}
