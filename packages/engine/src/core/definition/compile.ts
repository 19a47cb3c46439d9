/**
 * Definition: compiles a document into a machine, or reports every problem in it.
 * Equal documents and options give equal results, and the time is bounded.
 * This module never runs a workflow and never looks up users, roles or teams.
 */
import type { Machine, MachineState, TaskRule } from "../model/machine.js";
import type { EscalationRule } from "../model/escalation.js";
import type { SlaRule } from "../model/sla/rule.js";
import { didYouMean, problemList, quote, type Path, type Problem, type ProblemList } from "../model/problems.js";
import { compileObjectSchema } from "../schema/compile.js";
import { asJsonObject, findUnfit, isObject } from "../model/values.js";
import { readCalendar } from "../calendar/read.js";
import { countsTime } from "../conditions/times.js";
import { readScenarios } from "../scenarios/read.js";
import type { CompileOptions } from "../model/compile-options.js";
import { escalatedTransitions, readEscalations } from "./escalations.js";
import { checkAutomatic } from "./checks/automatic.js";
import { readForms, soundForms } from "../forms/read.js";
import { AUTOMATION, readAutomation } from "./automation.js";
import { checkGraph } from "./checks/graph.js";
import { readObject, readText, valueOr, type Reading, type Source } from "../document/reader.js";
import { readHead } from "./head.js";
import { readIndexed } from "./indexed.js";
import { readSlas } from "../sla/read.js";
import { readState } from "./states.js";
import { calledTransitions } from "./actions.js";
import { whyUnattended } from "./timers.js";
import { checkSteps } from "./steps.js";

/** The compiled machine, or at most 100 problems in the order in which they were found. */
export type CompileResult =
  | { readonly ok: true; readonly machine: Machine }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const KEYS = [
  "weft",
  "kind",
  "key",
  "name",
  "description",
  "calendar",
  "data",
  "initial",
  "states",
  "forms",
  "index",
  "slas",
  "escalations",
  "scenarios",
];
const DOCUMENT_LIMITS = { maxNodes: 50_000, maxDepth: 48, maxChars: 1024 * 1024 };
const MAX_STATES = 500;
const MAX_ALL_TRANSITIONS = 2000;

/**
 * Compiles a parsed definition (docs/reference/definition-format.md) into a machine, or returns every problem in it, at most 100. Never throws
 * because of the content of the document. Its time is bounded by the limits on size. Pass `locate` of `parseDefinition` to get line numbers.
 */
export function compile(source: unknown, options: CompileOptions = {}): CompileResult {
  const steps = compileSteps(source, options);
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

/** `compile` in steps of one state each, so the caller decides when to continue. */
export function* compileSteps(source: unknown, options: CompileOptions): Generator<void, CompileResult, void> {
  const problems = problemList(options);
  for (const { path, code, message } of findUnfit(source, [], DOCUMENT_LIMITS)) problems.add(path, code, message);
  const machine = problems.problems.length > 0 ? null : yield* readDefinition(source, problems, options);
  return machine && problems.problems.length === 0 ? { ok: true, machine } : { ok: false, problems: problems.problems };
}

function* readDefinition(document: unknown, problems: ProblemList, options: CompileOptions): Generator<void, Machine | null, void> {
  if (isObject(document) && document["kind"] === AUTOMATION) return yield* readAutomation(document, problems, options);
  const source = readObject(problems, document, [], KEYS);
  if (!source) return null;
  if (source["kind"] !== undefined && source["kind"] !== "lifecycle")
    problems.add(["kind"], "BAD_VALUE", `kind must be lifecycle, which is the standard, or automation, not ${quote(source["kind"])}.`);
  const { key, name, description } = readHead(problems, source);
  const data = compileObjectSchema(
    valueOr(source, "data", { type: "object", properties: {}, additionalProperties: false }),
    ["data"],
    problems,
  );
  if (!options.isPublished) for (const { path, message } of data?.unfitDefaults ?? []) problems.add(path, "BAD_SCHEMA", message);
  const index = readIndexed(problems, source["index"], data);
  const entries = statesOf(source, problems);
  const stateNames = new Set(entries.map(([stateName]) => stateName));
  const initial = readInitial(source, stateNames, problems);

  const tasks = new Map<string, TaskRule>();
  const taskReferences: { name: string; path: Path }[] = [];
  const callReferences: { name: string; path: Path }[] = [];
  const calls = new Set<string>();
  const stepReferences: { name: string; path: Path }[] = [];
  const calendars: Reading["calendars"] = { isUsed: false, named: [] };
  const calendar = readCalendar({ problems, calendars }, source, []);
  const slas = new Map<string, SlaRule>();
  const transitionNames = transitionNamesOf(entries);
  const escalated = new Set([...escalatedTransitions(source["escalations"]), ...calledTransitions(source["states"])]);
  const named = { tasks, slas, taskReferences, callReferences, calls, stepReferences, escalated };
  const parts = { problems, options, data, stateNames, transitionNames, calendar, calendars, ...named };
  const forms = readForms(parts, source["forms"]);
  const reading: Reading = { ...parts, forms };
  readSlas(reading, source["slas"]);
  const states = new Map<string, MachineState>();
  for (const [stateName, value] of entries) {
    yield;
    if (problems.isFull()) break;
    const state = readState(reading, stateName, value);
    if (state) states.set(stateName, state);
  }
  for (const { name: rule, path } of taskReferences) {
    if (!tasks.has(rule)) problems.add(path, "UNKNOWN_TASK", `There is no task ${quote(rule)}.${didYouMean(rule, tasks.keys())}`);
  }
  if (states.size === entries.length) checkCalls(callReferences, states, problems);
  // References to a state that could not be read would only cause further problems.
  const escalations =
    states.size === entries.length ? readEscalations({ ...reading, states }, source["escalations"]) : new Map<string, EscalationRule>();
  if (initial !== null && states.get(initial)?.isClosed === true) {
    const message = `The initial state ${quote(initial)} cannot be closed: work that has not begun cannot count as ended.`;
    problems.add(["states", initial, "closed"], "BAD_VALUE", message);
  }
  checkAssignments(states, problems);
  stopWhenClosed(slas, states);
  const separated = checkSteps(reading, states);
  const transitions = [...states.values()].reduce((sum, state) => sum + state.transitions.size, 0);
  if (transitions > MAX_ALL_TRANSITIONS)
    problems.add(["states"], "TOO_LARGE", `There are ${transitions} transitions; the maximum is ${MAX_ALL_TRANSITIONS}.`);
  // A state that could not be read would only cause further problems.
  const isWhole = states.size === entries.length && entries.length > 0 && transitions <= MAX_ALL_TRANSITIONS;
  yield;
  if (isWhole) {
    checkGraph(states, initial, problems);
    checkAutomatic(states, problems);
  }
  yield;
  // Instances do not need scenarios, so a key that a later release renames must not stop them.
  const scenarios = isWhole && !options.isPublished ? readScenarios({ ...reading, states, escalations }, source["scenarios"]) : [];
  if (key === null || name === null || data === null || initial === null) return null;
  return {
    key,
    name,
    description,
    initial,
    states,
    data,
    forms: soundForms(forms),
    tasks,
    separated,
    usesTimers: [...states.values()].some(({ timers }) => timers.size > 0) || [...tasks.values()].some(({ timers }) => timers.size > 0),
    index,
    usesCalendars: calendars.isUsed || [states, tasks, forms].some(countsTime),
    calendar,
    namedCalendars: calendars.named,
    calendars: null,
    slas,
    escalations,
    scenarios,
    isAutomation: false,
    automationScenarios: [],
    showId: options.showId,
    readId: options.readId,
  };
}

/** An instance that has ended keeps its assignee, so nothing would come of an assignment on the way to the end. */
function checkAssignments(states: ReadonlyMap<string, MachineState>, problems: ProblemList): void {
  for (const state of states.values())
    for (const { name, to, actions } of state.transitions.values()) {
      if (!states.get(to)?.final || !actions.some(({ kind }) => kind === "assign")) continue;
      const message = `${quote(name)} leads to the final state ${quote(to)}, and an instance that has ended keeps its assignee.`;
      problems.add(["states", state.name, "transitions", name, "actions"], "FINAL_STATE", message);
    }
}

/** A clock of the whole instance that has no `stop` stops when the work ends: in a closed state, too. */
function stopWhenClosed(slas: Map<string, SlaRule>, states: ReadonlyMap<string, MachineState>): void {
  const closed = [...states.values()].filter(({ isClosed }) => isClosed).map(({ name }) => name);
  if (closed.length === 0) return;
  for (const [key, rule] of slas)
    if (rule.scope.kind === "instance" && !rule.stop)
      slas.set(key, { ...rule, stop: { states: closed, when: null, waitingForInformation: false } });
}

/** The instance can be in any state when the result of a call arrives, so it is enough that one state has the transition. */
function checkCalls(
  references: readonly { readonly name: string; readonly path: Path }[],
  states: ReadonlyMap<string, MachineState>,
  problems: ProblemList,
): void {
  for (const { name, path } of references) {
    const found = [...states.values()].flatMap(({ transitions }) => transitions.get(name) ?? []);
    const reasons = found.map(whyUnattended);
    if (found.length === 0) {
      const known = [...states.values()].flatMap(({ transitions }) => [...transitions.keys()]);
      problems.add(path, "BAD_VALUE", `No state has a transition ${quote(name)}.${didYouMean(name, new Set(known))}`);
    } else if (!reasons.includes(null))
      problems.add(path, "BAD_VALUE", `The result of a call cannot fire ${quote(name)}: it ${reasons[0]}.`);
  }
}

function transitionNamesOf(states: readonly (readonly [string, unknown])[]): ReadonlySet<string> {
  return new Set(states.flatMap(([, state]) => Object.keys(asJsonObject(asJsonObject(state)?.["transitions"]) ?? {})));
}

function statesOf(source: Source, problems: ProblemList): readonly (readonly [string, unknown])[] {
  if (source["states"] === undefined) {
    problems.add(["states"], "MISSING", 'The key "states" is missing: a definition needs at least an initial and a final state.');
    return [];
  }
  const entries = Object.entries(readObject(problems, source["states"], ["states"], null) ?? {});
  if (entries.length <= MAX_STATES) return entries;
  problems.add(["states"], "TOO_LARGE", `There are ${entries.length} states; the maximum is ${MAX_STATES}.`);
  return [];
}

/** Also null if the state does not exist: a typing mistake must not make every state unreachable. */
function readInitial(source: Source, stateNames: ReadonlySet<string>, problems: ProblemList): string | null {
  const initial = readText(problems, source, "initial", [], { maxChars: 64, isRequired: true, like: "draft" });
  if (initial === null || stateNames.has(initial)) return initial;
  if (stateNames.size > 0)
    problems.add(["initial"], "UNKNOWN_STATE", `There is no state ${quote(initial)}.${didYouMean(initial, stateNames)}`);
  return null;
}
