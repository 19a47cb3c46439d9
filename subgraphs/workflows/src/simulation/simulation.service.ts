import { actorOf, compiledTextSteps, inCalendars, readNow, simulate, type Machine, type SimulatedStep } from "@weft/engine";
import { BadUserInput, DefinitionInvalid, processorMs, type Context, type Problem } from "@weft/shared";
import { textToTry } from "../definitions/source/text-to-try.js";
import { simulatedActor } from "./simulated-actor.js";
import { toSimulation, type SimulateWorkflowArgs, type Simulation, type SimulationStepInput } from "./simulation.type.js";

const MAX_STEPS = 200;
/** Computing time limit of one simulation. Each transition is bounded, so the overrun is small; other requests are served in between. */
const MAX_COMPUTING_MS = 1000;

/** Simulates firing transitions of a definition. Nothing is written. */
export async function simulateWorkflow(ctx: Context, args: SimulateWorkflowArgs): Promise<Simulation> {
  const { data, steps, as } = args;
  if (steps.length > MAX_STEPS)
    throw new BadUserInput([{ path: "steps", message: `${steps.length} steps were passed; the maximum is ${MAX_STEPS}.` }]);
  const { source, format } = await textToTry(ctx, args);
  const { result: compiled } = await ctx.computing.runAll(compiledTextSteps(source, format));
  if (!compiled.ok) throw new DefinitionInvalid(compiled.problems);
  const unknown = unknownItems(compiled.machine, steps);
  if (unknown.length > 0) throw new BadUserInput(unknown);
  const now = await ctx.read(readNow);
  const machine = await ctx.read((tx) => inCalendars(tx, compiled.machine, { tenantId: ctx.viewer.tenantId, teamId: null }));
  const viewer = actorOf(ctx.viewer);
  const request = { data: data ?? {}, ownerId: viewer.id, actor: simulatedActor(viewer, as), now };
  const simulated = await ctx.computing.run(() =>
    simulate(
      machine,
      request,
      steps.map((step) => ({
        transition: step.transition,
        task: step.task ?? null,
        completedItems: step.completedItems ?? [],
        actor: simulatedActor(viewer, step.as ?? as),
        input: step.input,
        comment: step.comment ?? null,
      })),
    ),
  );
  if (!simulated.ok) throw new BadUserInput(simulated.rejection.problems.map(({ path, message }) => ({ path, message })));
  return toSimulation(compiled.machine, simulated, await runAll(ctx, simulated.steps));
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
async function runAll(ctx: Context, steps: Iterator<SimulatedStep, void>): Promise<SimulatedStep[]> {
  const done: SimulatedStep[] = [];
  let spentMs = 0;
  function* counted(): Generator<SimulatedStep, void, void> {
    for (;;) {
      const began = processorMs();
      const next = steps.next();
      spentMs += processorMs() - began;
      if (next.done === true) return;
      yield next.value;
    }
  }
  await ctx.computing.runAll(counted(), (step) => {
    done.push(step);
    if (spentMs <= MAX_COMPUTING_MS) return;
    const message = `The simulation reached the limit of ${MAX_COMPUTING_MS} ms of computing time after ${done.length} steps. Use fewer steps or smaller data.`;
    throw new BadUserInput([{ path: "steps", message }]);
  });
  return done;
}
