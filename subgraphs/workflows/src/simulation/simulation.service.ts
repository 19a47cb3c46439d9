import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { actorOf, machineOfText, simulate, weftNow, type Actor, type SimulatedStep, type ViewerActor } from "@weft/engine";
import { BadUserInput, DefinitionInvalid, named, type Context } from "@weft/shared";
import { sql } from "drizzle-orm";
import { textToTry } from "../definitions/text-to-try.js";
import { toSimulation, type SimulatedActorInput, type SimulateWorkflowArgs, type Simulation } from "./simulation.type.js";

const MAX_STEPS = 200;
/** What one simulation may compute. A firing is bounded, so it is passed by little; between two others are served. */
const MAX_COMPUTING_MS = 1000;

/** What a definition would do with these firings. Nothing is written. */
export async function simulateWorkflow(ctx: Context, args: SimulateWorkflowArgs): Promise<Simulation> {
  const { data, steps, as } = args;
  if (steps.length > MAX_STEPS)
    throw new BadUserInput([{ path: "steps", message: `There are ${steps.length} steps; a simulation has at most ${MAX_STEPS}.` }]);
  const { source, format } = await textToTry(ctx, args);
  const compiled = machineOfText(source, format);
  if (!compiled.ok) throw new DefinitionInvalid(compiled.problems);
  const now = await readNow(ctx);
  const viewer = actorOf(ctx.viewer);
  const request = { data: data ?? {}, ownerId: viewer.id, actor: imagined(viewer, as), now };
  const simulated = simulate(
    compiled.machine,
    request,
    steps.map((step) => ({
      transition: step.transition,
      task: step.task ?? null,
      actor: imagined(viewer, step.as ?? as),
      input: step.input,
      comment: step.comment ?? null,
    })),
  );
  if (!simulated.ok) throw new BadUserInput(simulated.rejection.problems.map(({ path, message }) => ({ path, message })));
  return toSimulation(compiled.machine, simulated, await runAll(simulated.steps));
}

/** Others are served between the steps, and one simulation does not keep the process busy for long. */
async function runAll(steps: Iterator<SimulatedStep, void>): Promise<SimulatedStep[]> {
  const done: SimulatedStep[] = [];
  for (let computedMs = 0; ;) {
    const began = performance.now();
    const next = steps.next();
    if (next.done) return done;
    done.push(next.value);
    computedMs += performance.now() - began;
    if (computedMs > MAX_COMPUTING_MS) {
      const message = `After ${done.length} steps the simulation had taken ${MAX_COMPUTING_MS} ms of computing, which is the most. Try fewer steps, or smaller data.`;
      throw new BadUserInput([{ path: "steps", message }]);
    }
    await setImmediate();
  }
}

/** The tenant's time: the whole simulation is of one moment. */
function readNow(ctx: Context): Promise<string> {
  return ctx.read(async (tx) => {
    const [row] = await tx.execute<{ now: string }>(named("readNow", sql`select ${weftNow} as now`));
    if (!row) throw new Error("a statement without FROM gave no row");
    return row.now;
  });
}

/** An id that nobody has, for each name another. */
function somebody(name: string | null | undefined): string {
  const digits = name ? createHash("sha256").update(name).digest("hex").slice(0, 12) : "000000000000";
  return `00000000-0000-7000-8000-${digits}`;
}

function imagined(viewer: ViewerActor, as: SimulatedActorInput | null | undefined): Actor {
  if (!as) return viewer;
  const id = as.isOwner ? viewer.id : somebody(as.name);
  return { id, roles: as.roles ?? [], permissions: as.permissions ?? [], principals: { userIds: [id], teamIds: [], vendorId: null } };
}
