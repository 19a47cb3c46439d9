import { actorOf, compiledTextSteps, readCalendars, readNow, tryCondition } from "@weft/engine";
import { BadUserInput, DefinitionInvalid } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { textToTry } from "../definitions/source/text-to-try.js";
import { simulatedActor } from "../simulation/simulated-actor.js";
import type { ConditionTest, TestConditionArgs } from "./condition.type.js";

/** Tests a condition with sample data. Nothing is written. */
export async function testCondition(ctx: Context, { condition, definitionId, data, as }: TestConditionArgs): Promise<ConditionTest> {
  const machine = typeof definitionId === "string" ? await machineOf(ctx, definitionId) : null;
  const viewer = actorOf(ctx.viewer);
  const now = await ctx.read(readNow);
  const calendars = await ctx.read((tx) => readCalendars(tx, { tenantId: ctx.viewer.tenantId, teamId: null }));
  const chosen = machine?.calendar ?? null;
  const around = {
    data: data ?? {},
    actor: simulatedActor(viewer, as),
    ownerId: viewer.id,
    now,
    showId: encodeId,
    calendars: { ...calendars, chosen },
  };
  const { dataProblems, failures, ...tried } = await ctx.computing.run(() => tryCondition(condition, machine, around));
  if (dataProblems.length > 0) throw new BadUserInput(dataProblems.map(({ path, message }) => ({ path, message })));
  return {
    ...tried,
    problems: tried.problems.map((problem) => ({ ...problem, line: null, column: null })),
    failures: failures.map(({ message, path }) => ({ message, path: path ?? null })),
  };
}

async function machineOf(ctx: Context, definitionId: string) {
  const { source, format } = await textToTry(ctx, { definitionId });
  const { result: compiled } = await ctx.computing.runAll(compiledTextSteps(source, format));
  if (!compiled.ok) throw new DefinitionInvalid(compiled.problems);
  return compiled.machine;
}
