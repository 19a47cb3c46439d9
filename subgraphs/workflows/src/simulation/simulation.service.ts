import {
  actorOf,
  compiledTextSteps,
  evaluateProfiles,
  parsePeriod,
  readNow,
  readSimulationSettings,
  simulate,
  stepTypes,
  type Machine,
  type SecurityProfile,
  type SimulatedStep,
  type SimulationEnd,
  type SimulationStop,
} from "@weft/engine";
import { BadUserInput, DefinitionInvalid, type Problem, quote } from "@weft/shared/errors";
import { processorMs } from "@weft/platform/computing";
import type { Context } from "@weft/api/context";
import { textToTry } from "../definitions/source/text-to-try.js";
import { simulatedActor } from "./simulated-actor.js";
import { problemsOfStep, stepOf } from "./simulation-step.js";
import { readStubs } from "./stubbed-step.js";
import { toSimulation, type SimulateWorkflowArgs, type Simulation, type SimulationStepInput } from "./simulation.type.js";

const MAX_STEPS = 200;
/** Computing time limit of one simulation. Each transition is bounded, so the overrun is small; other requests are served in between. */
const MAX_COMPUTING_MS = 1000;

/** Periods of all steps together end before the year 10000. */
const EARLIEST = "1970-01-01T00:00:00.000Z";
const LATEST = "3000-01-01T00:00:00.000Z";

/** Simulates firing transitions of a definition, and the steps that its states run. Nothing is called, and nothing is written. */
export async function simulateWorkflow(ctx: Context, args: SimulateWorkflowArgs): Promise<Simulation> {
  const { data, steps, as } = args;
  if (steps.length > MAX_STEPS)
    throw new BadUserInput([{ path: "steps", message: `${steps.length} steps were passed; the maximum is ${MAX_STEPS}.` }]);
  const { source, format } = await textToTry(ctx, args);
  const { result: compiled } = await ctx.computing.runAll(compiledTextSteps(source, format));
  if (!compiled.ok) throw new DefinitionInvalid(compiled.problems);
  const unknown = unknownItems(compiled.machine, steps);
  if (unknown.length > 0) throw new BadUserInput(unknown);
  const problems = steps.flatMap(problemsOfStep);
  const periods = steps.map(({ after }, index) => readPeriod(problems, after, `steps.${index}.after`));
  const rest = readPeriod(problems, args.advance, "advance");
  const stubs = readStubs(problems, compiled.machine, args.stubs ?? []);
  if (args.now && (args.now < EARLIEST || args.now >= LATEST))
    problems.push({ path: "now", message: `${args.now} is not between ${EARLIEST} and ${LATEST}.` });
  if (problems.length > 0) throw new BadUserInput(problems);
  const now = args.now ?? (await ctx.read(readNow));
  const subject = { tenantId: ctx.viewer.tenantId, teamId: null };
  const { machine, policies } = await ctx.read((tx) => readSimulationSettings(tx, compiled.machine, subject));
  const profiles = await profilesOf(ctx, compiled.machine);
  const viewer = actorOf(ctx.viewer);
  const request = { data: data ?? {}, ownerId: viewer.id, actor: simulatedActor(viewer, as), now };
  const simulated = await ctx.computing.run(() =>
    simulate(
      machine,
      request,
      steps.map((step, index) => ({ after: periods[index] ?? null, ...stepOf(step, simulatedActor(viewer, step.as ?? as)) })),
      { advance: rest, policies, steps: { stubs, types: stepTypes(), profiles } },
    ),
  );
  if (!simulated.ok) throw new BadUserInput(simulated.rejection.problems.map(({ path, message }) => ({ path, message })));
  const { done, end } = await runAll(ctx, simulated.steps);
  if ("message" in end)
    throw new BadUserInput([{ path: end.step < steps.length ? `steps.${end.step}.after` : "advance", message: end.message }]);
  return toSimulation(compiled.machine, simulated, done, end);
}

/** The security profiles under which the states would run their steps, by state. */
async function profilesOf(ctx: Context, { states }: Machine): Promise<ReadonlyMap<string, SecurityProfile>> {
  const running = [...states.values()].flatMap(({ name, run }) => (run ? [[name, run.graph] as const] : []));
  if (running.length === 0) return new Map();
  const { tenantId } = ctx.viewer;
  const graphs = running.map(([, graph]) => graph);
  const evaluated = await ctx.read((tx) => evaluateProfiles(tx, { tenantId }, graphs));
  return new Map(evaluated.map(({ profile }, index) => [running[index]?.[0] ?? "", profile]));
}

function readPeriod(problems: Problem[], text: string | null | undefined, path: string): ReturnType<typeof parsePeriod> {
  if (text === null || text === undefined) return null;
  const period = parsePeriod(text);
  if (!period)
    problems.push({
      path,
      message: `${quote(text)} is not a valid period. Use a duration such as P2D or PT4H, or working time such as 2 working days.`,
    });
  return period;
}

/** Reports items that are not on any checklist, which would otherwise be ignored. */
function unknownItems({ tasks }: Machine, steps: readonly SimulationStepInput[]): Problem[] {
  const all = [...tasks.values()];
  return steps.flatMap(({ task, completedItems }, index) => {
    const known = new Set(all.filter(({ rule }) => !task || rule === task).flatMap(({ checklist }) => checklist));
    return (completedItems ?? []).flatMap((item, at) =>
      known.has(item) ? [] : [{ path: `steps.${index}.completedItems.${at}`, message: "No such item is on the checklist." }],
    );
  });
}

/**
 * Other requests are served between the steps, and the computing time of one simulation is limited. Time of the operation's other fields is not
 * counted.
 */
async function runAll(
  ctx: Context,
  steps: Iterator<SimulatedStep | null, SimulationEnd | SimulationStop>,
): Promise<{ done: SimulatedStep[]; end: SimulationEnd | SimulationStop }> {
  const done: SimulatedStep[] = [];
  let spentMs = 0;
  function* counted(): Generator<SimulatedStep | null, SimulationEnd | SimulationStop, void> {
    for (;;) {
      const began = processorMs();
      const next = steps.next();
      spentMs += processorMs() - began;
      if (next.done === true) return next.value;
      yield next.value;
    }
  }
  const end = await ctx.computing.runAll(counted(), (step) => {
    if (step) done.push(step);
    if (spentMs <= MAX_COMPUTING_MS) return;
    const message = `The simulation reached the limit of ${MAX_COMPUTING_MS} ms of computing time after ${done.length} steps. Use fewer steps or smaller data.`;
    throw new BadUserInput([{ path: "steps", message }]);
  });
  return { done, end };
}
