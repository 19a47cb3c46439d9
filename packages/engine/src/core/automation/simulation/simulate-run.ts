/** Simulates a run in memory: `advance` decides as for a stored run, and stubs or examples take the place of the work. */
import type { Context } from "../../conditions/context.js";
import type { Step, StepGraph, StepType, Work } from "../../model/automation.js";
import type { JsonObject } from "../../model/json.js";
import { problemsText } from "../../model/rejection.js";
import type { RunEvent, RunSnapshot, StepError, StepSnapshot } from "../../model/run.js";
import type { ProfileViolation, SecurityProfile } from "../../model/security-profile.js";
import { asJsonObject } from "../../model/values.js";
import { isUndecided } from "../compensations.js";
import { advance } from "../advance.js";
import { checkInput, type CheckedInput } from "../check-input.js";
import { secondsOf } from "../durations.js";
import { newRun } from "../new-run.js";
import { isComputed } from "../ready.js";
import { violationsOf, violationsOfWork } from "../profiles/violations.js";
import { contextOfStep, factsOfRun, inputOfWork } from "../run-context.js";
import { hasEnded, isEnded } from "../run-draft.js";
import { maskedSecrets, withMaskedInputs } from "./mask.js";
import { placeholderOutputs } from "./placeholder.js";
import { conditionReport, type ResultOrigin, type SimulatedRun } from "./report.js";
import { RunRecord } from "./run-record.js";
import type { StepStub, StubbedEnd } from "../../model/step-stub.js";
import { stubsOf, type Stubs } from "./stubs.js";

/** Maximum number of events of one simulated run. */
const MAX_EVENTS = 10_000;
/** Maximum size of the inputs and outputs that a report contains. */
const MAX_CHARS = 2_000_000;

export type RunSimulation = {
  readonly inputs: JsonObject;
  readonly facts: JsonObject;
  /** ISO 8601. */
  readonly now: string;
  readonly stubs: readonly StepStub[];
  readonly types: ReadonlyMap<string, StepType>;
  /** Security profile whose violations are reported. Absent: none are. */
  readonly profile?: SecurityProfile | null | undefined;
};

export type EndedSimulation = { readonly report: SimulatedRun; readonly run: RunSnapshot };

type Result = { readonly end: StubbedEnd; readonly origin: ResultOrigin };
/** An attempt that ends later. */
type Pending = { readonly at: string; readonly result: Result; readonly attempt: number };

/**
 * Simulates a run, with a pause after each event. Steps that can be done at the same time are done one after the other; time passes only by delays of
 * retries and by waits.
 */
export function* simulateRun(graph: StepGraph, request: RunSimulation): Generator<void, EndedSimulation, void> {
  const simulation = new RunInMemory(graph, request);
  while (simulation.next()) yield;
  return simulation.ended();
}

class RunInMemory {
  readonly #graph: StepGraph;
  readonly #types: RunSimulation["types"];
  readonly #stubs: Stubs;
  readonly #profile: SecurityProfile | null;
  readonly #violations: readonly ProfileViolation[];
  readonly #record: RunRecord;
  readonly #secrets: JsonObject;
  readonly #pending = new Map<string, Pending>();
  #run: RunSnapshot;
  #now: string;
  #events = 0;
  #unfinished: string | null = null;

  constructor(graph: StepGraph, { inputs, facts, now, stubs, types, profile = null }: RunSimulation) {
    this.#graph = graph;
    this.#types = types;
    this.#stubs = stubsOf(stubs);
    this.#profile = profile;
    this.#violations = profile === null ? [] : violationsOf(graph, profile);
    this.#record = new RunRecord(graph, now);
    this.#now = now;
    this.#secrets = maskedSecrets(graph);
    this.#run = newRun(graph, withMaskedInputs(inputs, graph), facts);
    this.#happen({ kind: "started" });
  }

  /** Lets the next thing happen. Returns false if nothing more does. */
  next(): boolean {
    if (isEnded(this.#run.status) || this.#unfinished !== null) return false;
    if (this.#events >= MAX_EVENTS) return this.#stop(`The simulation stops after ${MAX_EVENTS} events.`);
    if (this.#record.chars > MAX_CHARS)
      return this.#stop("The simulation stops, because its inputs and outputs are too large to be shown.");
    if (this.#run.status === "STOPPING") return this.#stopNext();
    if (this.#run.status === "COMPENSATING") return this.#undoNext();
    const next = this.#firstDue();
    if (next === null) return this.#stop(`These steps do not end: ${this.#openSteps().join(", ")}.`);
    if (next.at > this.#now) this.#now = next.at;
    if (next.pending) this.#end(next.step, next.pending.result, next.pending.attempt);
    else if (next.step.isParked) this.#resolve(next.step);
    else this.#begin(next.step);
    return true;
  }

  ended(): EndedSimulation {
    const end = { endedAt: this.#now, violations: this.#violations, unfinished: this.#unfinished };
    return { report: this.#record.report(this.#run, end), run: this.#run };
  }

  #stop(reason: string): false {
    this.#unfinished = reason;
    return false;
  }

  #happen(event: RunEvent): void {
    this.#events++;
    const before = this.#run;
    const advanced = advance(this.#graph, before, event, this.#now);
    if (advanced.isStale) throw new Error(`a simulated event is stale: ${event.kind}`);
    this.#run = advanced.run;
    for (const id of advanced.changed) this.#note(id, before);
    for (const effect of advanced.effects) this.#record.addEffect(effect, this.#now);
  }

  /** Keeps what a change shows: the condition of a step whose turn has come, and the input of one that the engine has computed. */
  #note(id: string, { steps: earlier }: RunSnapshot): void {
    const snapshot = this.#run.steps.get(id);
    const rule = snapshot && this.#ruleOf(snapshot);
    if (!snapshot || !rule || snapshot.status === "PENDING") return;
    const isFirst = this.#record.addStep(id);
    // The run has stopped before its turn came.
    if (isFirst && rule.when && snapshot.item === null && this.#hadTurn(rule, snapshot))
      this.#record.addCondition(id, conditionReport(rule.when, this.#contextOf(snapshot)));
    if (!isComputed(rule.type) || snapshot.attempt !== 1 || (earlier.get(id)?.attempt ?? 0) > 0) return;
    const { outputs, error } = snapshot;
    const result: Result =
      snapshot.status === "SUCCEEDED"
        ? { end: { kind: "succeeded", outputs: outputs ?? {} }, origin: "COMPUTED" }
        : { end: { kind: "failed", error: error ?? UNKNOWN }, origin: "COMPUTED" };
    this.#addAttempt(snapshot, { attempt: 1, work: rule, isCompensation: false, result });
  }

  #hadTurn({ dependsOn }: Step, { status }: StepSnapshot): boolean {
    return status !== "CANCELLED" && dependsOn.every((needed) => hasEnded(this.#run.steps.get(needed)?.status ?? "PENDING"));
  }

  #ruleOf(snapshot: StepSnapshot): Step | undefined {
    return this.#graph.steps.get(snapshot.item?.of ?? snapshot.id);
  }

  #contextOf(snapshot: StepSnapshot): Context {
    return contextOfStep(factsOfRun(this.#graph, this.#run), snapshot, this.#secrets);
  }

  /** Of everything that can happen, what happens first: attempts that end before those that begin. */
  #firstDue(): { readonly at: string; readonly step: StepSnapshot; readonly pending?: Pending } | null {
    let first: { at: string; step: StepSnapshot; pending?: Pending } | null = null;
    for (const step of this.#run.steps.values()) {
      const pending = this.#pending.get(step.id);
      const isResolved = step.isParked && this.#resolutionOf(step) !== null;
      const falls = step.isFallback && step.status === "WAITING" && !pending;
      if (falls) this.#wait(step);
      const due = pending ?? this.#pending.get(step.id);
      const at = due ? due.at : step.status === "READY" ? later(step.notBefore, this.#now) : isResolved ? this.#now : null;
      if (at === null) continue;
      if (first === null || at < first.at || (at === first.at && due !== undefined && !first.pending))
        first = due ? { at, step, pending: due } : { at, step };
    }
    return first;
  }

  /** The automation that it falls back to does the work. */
  #wait(step: StepSnapshot): void {
    const stubbed = this.#stubs.find(askedOf(step, step.attempt, false));
    const result: Result = stubbed ? { end: stubbed, origin: "STUB" } : { end: { kind: "succeeded", outputs: {} }, origin: "PLACEHOLDER" };
    if (result.end.kind !== "stays") this.#pending.set(step.id, { at: this.#now, result, attempt: step.attempt });
  }

  #resolutionOf(step: StepSnapshot): boolean | null {
    if (this.#stubs.find(askedOf(step, step.attempt, false))?.kind === "failed") return false;
    // A stub for all attempts would only lose its worker again.
    return this.#stubs.names(askedOf(step, step.attempt + 1, false)) ? true : null;
  }

  #resolve(step: StepSnapshot): void {
    this.#happen({ kind: "resolved", step: step.id, attempt: step.attempt, isRetried: this.#resolutionOf(step) === true });
  }

  #begin({ id }: StepSnapshot): void {
    this.#happen({ kind: "begun", step: id });
    const step = this.#run.steps.get(id);
    const work = step && this.#ruleOf(step);
    if (!step || !work) return;
    const { input, result } = this.#resultOf(step, work, { attempt: step.attempt, isCompensation: false });
    const delay = result.end.kind === "succeeded" && work.type === "wait" ? waitedUntil(input, this.#now) : this.#now;
    if (result.end.kind === "stays") {
      this.#addAttempt(step, { attempt: step.attempt, work, isCompensation: false, result });
      return;
    }
    if (delay > this.#now) {
      this.#happen({ kind: "waits", step: id, attempt: step.attempt });
      this.#pending.set(id, { at: delay, result, attempt: step.attempt });
      return;
    }
    this.#end(step, result, step.attempt);
  }

  #end(step: StepSnapshot, result: Result, attempt: number): void {
    const { end } = result;
    this.#pending.delete(step.id);
    const work = this.#ruleOf(step);
    if (work) this.#addAttempt(step, { attempt, work, isCompensation: false, result });
    if (end.kind === "succeeded") this.#happen({ kind: "succeeded", step: step.id, attempt, outputs: end.outputs });
    else if (end.kind === "failed") this.#happen({ kind: "failed", step: step.id, attempt, error: end.error });
    else if (end.kind === "lost") this.#happen({ kind: "lost", step: step.id, attempt });
  }

  #resultOf(
    step: StepSnapshot,
    work: Work,
    { attempt, isCompensation }: { readonly attempt: number; readonly isCompensation: boolean },
  ): { readonly input: JsonObject | null; readonly result: Result } {
    const failed = (code: string, message: string): Result => ({
      end: { kind: "failed", error: { code, message, isFinal: true } },
      origin: "COMPUTED",
    });
    const checked = this.#inputOf(step, work);
    if (!checked.ok) return { input: null, result: failed("INPUT_INVALID", problemsText(checked.problems)) };
    const { input } = checked;
    const [violation] = this.#newViolations(step, work, input);
    if (violation) return { input, result: failed("PROFILE_VIOLATION", violation.message) };
    const stubbed = this.#stubs.find(askedOf(step, attempt, isCompensation));
    const outputs = (): JsonObject => placeholderOutputs(step.item?.of ?? step.id, this.#types.get(work.type)?.outputs ?? null);
    const result: Result = stubbed
      ? { end: stubbed, origin: "STUB" }
      : { end: { kind: "succeeded", outputs: outputs() }, origin: "PLACEHOLDER" };
    return { input, result };
  }

  #inputOf(step: StepSnapshot, work: Work): CheckedInput {
    const rendered = inputOfWork(this.#graph, this.#run, { step, work }, { secrets: this.#secrets, inputs: {} });
    return rendered.ok ? checkInput(work.type, asJsonObject(rendered.value) ?? {}, this.#types) : rendered;
  }

  /** What the profile refuses when the values are known. What its text already shows keeps the whole run from starting, and is reported only once. */
  #newViolations(step: StepSnapshot, work: Work, input: JsonObject): readonly ProfileViolation[] {
    if (this.#profile === null) return [];
    const known = new Set(this.#violations.map(({ message }) => message));
    const found = violationsOfWork(this.#graph, this.#profile, { id: step.item?.of ?? step.id, work, input });
    return known.size > 0 && found.every(({ message }) => known.has(message)) ? [] : found;
  }

  /** Steps at work are told to stop, and stop. */
  #stopNext(): boolean {
    const step = [...this.#run.steps.values()].find(({ status }) => status === "RUNNING" || status === "WAITING");
    if (!step) return false;
    this.#pending.delete(step.id);
    this.#happen({ kind: "stopped", step: step.id, attempt: step.attempt });
    return true;
  }

  #undoNext(): boolean {
    const steps = [...this.#run.steps.values()];
    const waiting = steps.find(({ compensation }) => compensation === "READY");
    const parked = steps.find(isUndecided);
    if (!waiting && parked) {
      // Nobody tries it again, unless there is a stub that says what comes of it.
      const isRetried = this.#stubs.names(askedOf(parked, parked.compensationAttempt + 1, true));
      this.#happen({ kind: "resolved", step: parked.id, attempt: parked.attempt, isRetried });
      return true;
    }
    if (!waiting) return this.#stop(`These steps are not undone: ${this.#openSteps().join(", ")}.`);
    const { id, notBefore } = waiting;
    this.#now = later(notBefore, this.#now);
    this.#happen({ kind: "compensationBegun", step: id });
    const step = this.#run.steps.get(id);
    const work = step && this.#ruleOf(step)?.compensate;
    if (!step || !work) return true;
    const attempt = step.compensationAttempt;
    const { result } = this.#resultOf(step, work, { attempt, isCompensation: true });
    this.#addAttempt(step, { attempt, work, isCompensation: true, result });
    const { end } = result;
    if (end.kind === "succeeded") this.#happen({ kind: "compensated", step: id, attempt });
    else if (end.kind === "failed") this.#happen({ kind: "compensationFailed", step: id, attempt, error: end.error });
    else if (end.kind === "lost") this.#happen({ kind: "compensationLost", step: id, attempt });
    return true;
  }

  #addAttempt(
    step: StepSnapshot,
    {
      attempt,
      work,
      isCompensation,
      result,
    }: { readonly attempt: number; readonly work: Work; readonly isCompensation: boolean; readonly result: Result },
  ): void {
    const fallsBack = step.isFallback && !isCompensation;
    const checked = fallsBack ? null : this.#inputOf(step, work);
    const input = checked?.ok ? checked.input : null;
    const type = fallsBack ? "workflow" : work.type;
    this.#record.addAttempt(step.id, { attempt, isCompensation, type, at: this.#now, input, ...result });
  }

  #openSteps(): string[] {
    const open = [...this.#run.steps.values()].filter(
      ({ status, compensation }) => status === "RUNNING" || status === "WAITING" || compensation === "RUNNING",
    );
    return open.slice(0, 20).map(({ id }) => id);
  }
}

const UNKNOWN: StepError = { code: "FAILED", message: "", isFinal: true };

const later = (time: string | null, now: string): string => (time !== null && time > now ? time : now);

const askedOf = ({ id, item }: StepSnapshot, attempt: number, isCompensation: boolean) => ({
  step: item?.of ?? id,
  index: item?.index ?? null,
  attempt,
  isCompensation,
});

/** A wait for a time takes that time. Waits for events end at once. */
function waitedUntil(input: JsonObject | null, now: string): string {
  const { for: duration, until } = input ?? {};
  const seconds = typeof duration === "string" ? secondsOf(duration) : null;
  if (seconds !== null) return new Date(Date.parse(now) + seconds * 1000).toISOString();
  const at = typeof until === "string" ? Date.parse(until) : Number.NaN;
  return Number.isNaN(at) ? now : later(new Date(at).toISOString(), now);
}
