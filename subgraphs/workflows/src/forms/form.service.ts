import { actorOf, formsOfTasks, formsOfVersion, type DeliveredForm } from "@weft/engine";
import { QueryLimitExceeded, decodeId, type Context } from "@weft/shared";
import { DefinitionStatus, type Definition } from "../definitions/definition.type.js";
import { spendText } from "../definitions/text-budget.js";

/** Forms of one operation: some hundreds of the usual, thirty of the largest. */
const MAX_CHARS = 2_500_000;

const delivered = new WeakMap<Context, number>();

/** The form of a waiting task that the viewer may complete. */
export async function taskForm(ctx: Context, taskId: string): Promise<DeliveredForm | null> {
  const loader = ctx.loader("formOfTask", (tx, ids: readonly string[]) => formsOfTasks(tx, ids, actorOf(ctx.viewer)));
  const make = await loader.load(taskId);
  return make ? ctx.computing.run(() => makeForm(ctx, make)) : null;
}

/** All forms of a version, as far as they are known without an instance. */
export async function definitionForms(ctx: Context, { id, source, format, status }: Definition): Promise<readonly DeliveredForm[]> {
  spendText(ctx, source);
  const version = { id: decodeId("definition", id), source, format, isDraft: status === DefinitionStatus.DRAFT };
  return ctx.computing.run(() => makeForm(ctx, () => formsOfVersion(ctx.viewer.tenantId, version)));
}

/** A form can be long where its id is short: one operation makes only so much of them. @throws QueryLimitExceeded */
export function makeForm<T>(ctx: Context, make: () => T): T {
  const before = delivered.get(ctx) ?? 0;
  if (before > MAX_CHARS) throw tooMuch(before);
  const made = make();
  const actual = before + JSON.stringify(made).length;
  delivered.set(ctx, actual);
  if (actual > MAX_CHARS) throw tooMuch(actual);
  return made;
}

const tooMuch = (actual: number): QueryLimitExceeded => new QueryLimitExceeded({ limit: "formCharacters", actual, max: MAX_CHARS });
