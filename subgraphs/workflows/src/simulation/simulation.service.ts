import { actorOf, compiledTextSteps, readNow, simulate, type Machine, type SimulatedStep } from "@weft/engine";
import { BadUserInput, DefinitionInvalid, processorMs, type Context, type Problem } from "@weft/shared";
import { textToTry } from "../definitions/text-to-try.js";
import { imaginedActor } from "./imagined-actor.js";
import { toSimulation, type SimulateWorkflowArgs, type Simulation, type SimulationStepInput } from "./simulation.type.js";

const MAX_STEPS = 200;
/** What one simulation may compute. A firing is bounded, so it is passed by little; between two others are served. */
const MAX_COMPUTING_MS = 1000;

/** What a definition would do with these firings. Nothing is written. */
export async function simulateWorkflow(ctx: Context, args: SimulateWorkflowArgs): Promise<Simulation> {
  const { data, steps, as } = args;
  if (steps.length > MAX_STEPS)
    throw new BadUserInput([{ path: "steps", message: `There are ${steps.length} steps; a simulation has at most ${MAX_STEPS}.` }]);
  const { source, format } = await textToTry(ctx, args);
  const { result: compiled } = await ctx.computing.runAll(compiledTextSteps(source, format));
  if (!compiled.ok) throw new DefinitionInvalid(compiled.problems);
  const unknown = unknownItems(compiled.machine, steps);
  if (unknown.length > 0) throw new BadUserInput(unknown);
  const now = await ctx.read(readNow);
  const viewer = actorOf(ctx.viewer);
  const request = { data: data ?? {}, ownerId: viewer.id, actor: imaginedActor(viewer, as), now };
  const simulated = await ctx.computing.run(() =>
    simulate(
      compiled.machine,
      request,
      steps.map((step) => ({
        transition: step.transition,
        task: step.task ?? null,
        ticked: step.ticked ?? [],
        actor: imaginedActor(viewer, step.as ?? as),
        input: step.input,
        comment: step.comment ?? null,
      })),
    ),
  );
  if (!simulated.ok) throw new BadUserInput(simulated.rejection.problems.map(({ path, message }) => ({ path, message })));
  return toSimulation(compiled.machine, simulated, await runAll(ctx, simulated.steps));
}

/** Items that are on no checklist would be ticked off for nothing. */
function unknownItems({ tasks }: Machine, steps: readonly SimulationStepInput[]): Problem[] {
  const all = [...tasks.values()];
  return steps.flatMap(({ task, ticked }, index) => {
    const known = new Set(all.filter(({ rule }) => !task || rule === task).flatMap(({ checklist }) => checklist));
    return (ticked ?? []).flatMap((item, at) =>
      known.has(item) ? [] : [{ path: `steps.${index}.ticked.${at}`, message: "There is no such item on the checklist." }],
    );
  });
}

/** Others are served between the steps, and one simulation does not keep the process busy for long. What the operation's other fields compute is not counted. */
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
    const message = `After ${done.length} steps the simulation had taken ${MAX_COMPUTING_MS} ms of computing, which is the most. Try fewer steps, or smaller data.`;
    throw new BadUserInput([{ path: "steps", message }]);
  });
  return done;
}
