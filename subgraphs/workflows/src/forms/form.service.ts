import { actorOf, formsOfMachine, formsOfTasks, machineOfVersion, type DeliveredForm } from "@weft/engine";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { makeForm } from "@weft/api/forms";
import { loadDefinitionText } from "../definitions/definition.loader.js";
import { DefinitionStatus, type Definition } from "../definitions/definition.type.js";
import { spendText } from "../definitions/source/text-budget.js";

/** Returns the form of a waiting task that the viewer can complete. */
export async function taskForm(ctx: Context, taskId: string): Promise<DeliveredForm | null> {
  const loader = ctx.loader("formOfTask", (tx, ids: readonly string[]) => formsOfTasks(tx, ids, actorOf(ctx.viewer), ctx.computing));
  const make = await loader.load(taskId);
  return make ? makeForm(ctx, make) : null;
}

/** Returns all forms of a version, as far as they are known without an instance. */
export async function definitionForms(ctx: Context, definition: Definition): Promise<readonly DeliveredForm[]> {
  const { source } = await loadDefinitionText(ctx, definition);
  const { id, format, status } = definition;
  spendText(ctx, source);
  const version = { id: decodeId("definition", id), source, format, isDraft: status === DefinitionStatus.DRAFT };
  const machine = await ctx.computing.runAll(machineOfVersion(ctx.viewer.tenantId, version));
  return makeForm(ctx, () => formsOfMachine(machine));
}
