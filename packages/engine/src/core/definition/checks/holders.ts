import { startsOfSteps } from "../../automation/step-starts.js";
import { tasksOfSteps } from "../../automation/step-tasks.js";
import { ALWAYS } from "../../model/calendar.js";
import type { CompileOptions } from "../../model/compile-options.js";
import type { Action, Allow, Machine, TaskRule, Transition } from "../../model/machine.js";
import { didYouMean, problemList, quote, type Path, type Problem } from "../../model/problems.js";

/**
 * What exists in the tenant: roles and permissions that somebody has, keys of definitions that can be started, routes that have a rule, and calendars
 * of the tenant or of a team.
 */
export type Holders = {
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string>;
  readonly definitions: ReadonlySet<string>;
  readonly routes: ReadonlySet<string>;
  readonly calendars: ReadonlySet<string>;
  /** Keys of integrations. If the reader cannot see integrations, those that the machine calls. */
  readonly integrations: ReadonlySet<string>;
};

/** `roleSets`: the roles that users have together, one set for each combination. Some roles are never held together, such as a vendor's and an employee's. */
type Held = Holders & { readonly roleSets?: readonly ReadonlySet<string>[] };

/** Stands among the roles of a step's task for the owner of the instance, who is assumed to exist. */
const OWNER = "owner";

/** The role and permission keys that decide who can fire a transition or is offered a task, the definitions of children and steps, routes, and calendars, each once. */
export function namedInMachine(machine: Machine): { readonly [K in keyof Holders]: readonly string[] } {
  const roles = new Set<string>();
  const permissions = new Set<string>();
  const visit = (allow: Allow): void => {
    for (const role of allow.roles) roles.add(role);
    for (const permission of allow.permissions) permissions.add(permission);
    for (const block of [...allow.any, ...allow.all]) visit(block);
  };
  for (const { transitions } of machine.states.values()) for (const { allow } of transitions.values()) if (allow) visit(allow);
  for (const { candidates } of machine.tasks.values()) for (const role of candidates.roles) roles.add(role);
  for (const task of tasksOfSteps(machine)) for (const role of task.roles) if (role !== OWNER) roles.add(role);
  const definitions = startsOf(machine).map(({ key }) => key);
  const routes = [...machine.tasks.values()].flatMap(({ candidates }) => candidates.route ?? []);
  // An instance can start others with its own key: after publication, there is a published version.
  return {
    roles: [...roles],
    permissions: [...permissions],
    definitions: [...new Set(definitions)].filter((key) => key !== machine.key),
    routes: [...new Set(routes)],
    integrations: [...new Set(callsOf(machine).map(({ integration }) => integration))],
    calendars: [...new Set(machine.namedCalendars.map(({ name }) => name))].filter((name) => name !== ALWAYS),
  };
}

/**
 * Reports references that are valid in the text but match nothing in the tenant today: transitions that nobody can fire and tasks that nobody is
 * offered, because nobody has the required role or permission. Owners, assignees and users referenced by data are assumed to exist. Somebody can get
 * the role later.
 */
export function checkHolders(machine: Machine, holders: Held, options: Pick<CompileOptions, "locate"> = {}): readonly Problem[] {
  const problems = problemList(options);
  for (const state of machine.states.values()) {
    const at = ["states", state.name];
    for (const transition of state.transitions.values()) checkTransition(transition, [...at, "transitions", transition.name]);
    for (const task of state.tasks) checkTask(task, [...at, ...(task.rule === state.name ? ["task"] : ["tasks", task.rule]), "candidates"]);
    const own = new Set(state.tasks);
    checkOpened(state.onEntry, [...at, "onEntry"], own);
    checkOpened(state.onExit, [...at, "onExit"], own);
  }
  for (const { key, path } of startsOf(machine)) {
    if (key !== machine.key && !holders.definitions.has(key))
      problems.add(path, "UNKNOWN_DEFINITION", `${quote(key)} cannot be started: it has no published version.`);
  }
  for (const { step, roles, path } of tasksOfSteps(machine)) {
    if (!roles.some((role) => role === OWNER || holders.roles.has(role)))
      problems.add(
        path,
        "NOBODY",
        `Nobody would be offered the task of the step ${quote(step)}: nobody has the role ${roles.join(" or ")}.`,
      );
  }
  for (const { name, path } of machine.namedCalendars) {
    if (name === ALWAYS || holders.calendars.has(name)) continue;
    const suggestion = didYouMean(name, [ALWAYS, ...holders.calendars]);
    problems.add(
      path,
      "UNKNOWN_CALENDAR",
      `There is no calendar ${quote(name)}: the working hours of the team or tenant apply.${suggestion}`,
    );
  }
  for (const { integration, path } of callsOf(machine)) {
    if (holders.integrations.has(integration)) continue;
    const hint = didYouMean(integration, holders.integrations);
    problems.add(path, "UNKNOWN_INTEGRATION", `There is no integration ${quote(integration)}, so the call would fail.${hint}`);
  }
  return problems.problems;

  function checkTransition({ name, allow, actions }: Transition, path: Path): void {
    const why = allow && whyNobody(allow, holders);
    if (why) problems.add([...path, "allow"], "NOBODY", `Nobody can fire ${quote(name)}: ${why}`);
    checkOpened(actions, [...path, "actions"], new Set());
  }

  function checkOpened(actions: readonly Action[], path: Path, except: ReadonlySet<TaskRule>): void {
    for (const action of actions) if (action.kind === "openTask" && !except.has(action.task)) checkTask(action.task, path);
  }

  function checkTask({ rule, each, candidates }: TaskRule, path: Path): void {
    const { roles, users, teams, owner, assignee, from, route } = candidates;
    if (route !== null && !holders.routes.has(route))
      problems.add([...path, "route"], "UNKNOWN_ROUTE", `The route ${quote(route)} of the task ${quote(rule)} has no active rule.`);
    if (each || owner || assignee || route !== null || users.length + teams.length + from.length > 0) return;
    if (roles.some((role) => holders.roles.has(role))) return;
    problems.add(path, "NOBODY", `Nobody would be offered the task ${quote(rule)}: nobody has the role ${roles.join(" or ")}.`);
  }
}

type PlacedAction = { readonly action: Action; readonly path: Path };

/** Returns the actions of a machine that the definition writes, each with its place. */
function actionsOf({ states, tasks }: Machine): readonly PlacedAction[] {
  const found: PlacedAction[] = [];
  const visit = (actions: readonly Action[], path: Path): void => {
    for (const [index, action] of actions.entries()) found.push({ action, path: [...path, index] });
  };
  for (const { name, transitions, timers, onEntry, onExit, tasks: own } of states.values()) {
    const at = ["states", name];
    for (const transition of transitions.values()) visit(transition.actions, [...at, "transitions", transition.name, "actions"]);
    for (const { name: timer, effect } of timers.values())
      if (effect.kind === "actions") visit(effect.actions, [...at, "timers", timer, "actions"]);
    // The tasks of the state come first.
    visit(onEntry.slice(own.length), [...at, "onEntry"]);
    visit(onExit, [...at, "onExit"]);
  }
  for (const { rule, timers } of tasks.values())
    for (const { name, effect } of timers.values())
      if (effect.kind === "actions") visit(effect.actions, ["tasks", rule, "timers", name, "actions"]);
  return found;
}

/** Returns the calls of a machine, each with its place. */
const callsOf = (machine: Machine): readonly { readonly integration: string; readonly path: Path }[] =>
  actionsOf(machine).flatMap(({ action, path }) =>
    action.kind === "call" ? [{ integration: action.integration, path: [...path, "call", "integration"] }] : [],
  );

/** Returns the definitions that states, steps, actions and escalations start, each with its place. */
const startsOf = (machine: Machine): readonly { readonly key: string; readonly path: Path }[] => [
  ...[...machine.states.values()].flatMap(({ name, children }) =>
    children.map(({ rule, definition }) => ({ key: definition, path: ["states", name, "children", rule, "definition"] })),
  ),
  ...startsOfSteps(machine),
  ...actionsOf(machine).flatMap(({ action, path }) =>
    action.kind === "start" ? [{ key: action.definition, path: [...path, "start", "definition"] }] : [],
  ),
  ...[...machine.escalations.values()].flatMap(({ name, levels }) =>
    levels.flatMap(({ start }, index) =>
      start ? [{ key: start.definition, path: ["escalations", name, "levels", index, "start", "definition"] }] : [],
    ),
  ),
];

/** Why nobody can meet a block, as the end of a sentence. Null if somebody can. */
function whyNobody(allow: Allow, holders: Held): string | null {
  const excluded = excludedBy(allow);
  if (!canBeMet(allow, everything(allow), excluded))
    return `its rules contradict each other, because notSameAs excludes ${[...excluded].join(" and ")}.`;
  if (!canBeMet(allow, holders, excluded)) return `it requires ${asked(allow, holders)}, which nobody has.`;
  const sets = holders.roleSets ?? [holders.roles];
  if ([...sets, new Set<string>()].some((roles) => canBeMet(allow, { ...holders, roles }, excluded))) return null;
  return "it requires roles that nobody has together.";
}

/** Whom a block excludes at every level that always applies. */
const excludedBy = ({ notSameAs, all }: Allow): ReadonlySet<string> =>
  new Set([...notSameAs, ...all.flatMap((block) => [...excludedBy(block)])]);

/** As if somebody had every role and permission of a block. */
function everything(allow: Allow): Pick<Holders, "roles" | "permissions"> {
  const inner = [...allow.any, ...allow.all].map(everything);
  return {
    roles: new Set([...allow.roles, ...inner.flatMap(({ roles }) => [...roles])]),
    permissions: new Set([...allow.permissions, ...inner.flatMap(({ permissions }) => [...permissions])]),
  };
}

function canBeMet(allow: Allow, holders: Pick<Holders, "roles" | "permissions">, outside: ReadonlySet<string>): boolean {
  const { owner, assignee, candidate, roles, permissions, any, all } = allow;
  const excluded = new Set([...outside, ...excludedBy(allow)]);
  const isFree = !owner && !assignee && !candidate && roles.length + permissions.length + any.length === 0;
  const isMet =
    isFree ||
    (owner && !excluded.has("owner")) ||
    candidate ||
    (assignee && !excluded.has("assignee")) ||
    roles.some((role) => holders.roles.has(role)) ||
    permissions.some((permission) => holders.permissions.has(permission)) ||
    any.some((block) => canBeMet(block, holders, excluded));
  return isMet && all.every((block) => canBeMet(block, holders, excluded));
}

/** Returns the keys of a block that nobody has. */
function asked(allow: Allow, holders: Holders): string {
  const keys = (block: Allow): string[] => [
    ...block.roles.filter((role) => !holders.roles.has(role)).map((role) => `the role ${role}`),
    ...block.permissions.filter((permission) => !holders.permissions.has(permission)).map((permission) => `the permission ${permission}`),
    ...[...block.any, ...block.all].flatMap(keys),
  ];
  return [...new Set(keys(allow))].slice(0, 10).join(" or ");
}
