import {
  diagramOfVersion,
  drawInstance,
  drawSteps,
  machinesOf,
  partsOf,
  writeDiagram,
  type DrawnStatus,
  type InstanceHead,
  type Machine,
} from "@weft/engine";
import { DefinitionInvalid, QueryLimitExceeded } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { hasPermission } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { loadDefinition, loadDefinitionText } from "../definitions/definition.loader.js";
import { DefinitionStatus, type Definition, type DefinitionFormat } from "../definitions/definition.type.js";
import { spendText } from "../definitions/source/text-budget.js";
import { loadHistory } from "../instances/instance.loader.js";
import { loadRunSteps } from "../automation/run.loader.js";
import type { Run } from "../automation/run.type.js";
import { DiagramFormat } from "./diagram.type.js";

const formats = { [DiagramFormat.SVG]: "svg", [DiagramFormat.MERMAID]: "mermaid" } as const;

/** Maximum number of states and transitions in the diagrams of one operation: eight of the largest definitions, or some hundreds of typical ones. */
const MAX_PARTS = 20_000;

const drawn = new WeakMap<Context, number>();

/** Draws a complete version that the viewer can see. */
export async function definitionDiagram(ctx: Context, definition: Definition, format: DiagramFormat): Promise<string> {
  const { source } = await loadDefinitionText(ctx, definition);
  spendText(ctx, source);
  const { id, version, status } = definition;
  const asked = { id: decodeId("definition", id), source, format: definition.format, version, isDraft: status === DefinitionStatus.DRAFT };
  const { text, parts } = await ctx.computing.runAll(diagramOfVersion(ctx.viewer.tenantId, asked, formats[format]));
  charge(ctx, parts);
  return text;
}

/** Draws a template, whose text is the same for all tenants and does not change. */
export async function templateDiagram(
  ctx: Context,
  { key, source, format: written }: { readonly key: string; readonly source: string; readonly format: DefinitionFormat },
  format: DiagramFormat,
): Promise<string> {
  const asked = { id: `template:${key}`, source, format: written, version: 1, isDraft: true };
  const { text, parts } = await ctx.computing.runAll(diagramOfVersion("", asked, formats[format]));
  charge(ctx, parts);
  return text;
}

/**
 * Draws an instance's definition with the path of the instance. Viewers who cannot see the definition are shown what the history and the available
 * transitions reveal anyway: the path so far and one step ahead.
 */
export async function instanceDiagram(ctx: Context, head: InstanceHead, format: DiagramFormat): Promise<string> {
  const [history, machine, definition] = await Promise.all([
    loadHistory(ctx, head),
    loadMachine(ctx, head.definitionId),
    hasPermission(ctx.viewer, "definition.read") ? loadDefinition(ctx, head.definitionId) : null,
  ]);
  // Later changes are not part of this diagram.
  const steps = history.filter(({ version }) => version <= head.version).map(({ from, to, transition }) => ({ from, to, transition }));
  const drawing = await ctx.computing.run(() => drawInstance(machine, { state: head.state, steps, reach: definition ? "all" : "path" }));
  charge(ctx, partsOf(drawing));
  return ctx.computing.run(() => writeDiagram(drawing, formats[format]));
}

/** Draws the steps of a run with their statuses. Without the right to read the definition, only those of which something has become. */
export async function runDiagram(ctx: Context, { row, uuid }: Run, format: DiagramFormat): Promise<string> {
  const [steps, machine, definition] = await Promise.all([
    loadRunSteps(ctx, uuid),
    loadMachine(ctx, row.definitionId),
    hasPermission(ctx.viewer, "definition.read") ? loadDefinition(ctx, row.definitionId) : null,
  ]);
  const graph = machine.states.get(row.state)?.run?.graph;
  if (!graph) throw new DefinitionInvalid([{ path: "", message: "The state of this run has no steps any more, so there is no diagram." }]);
  const items = Map.groupBy(
    steps.filter(({ index }) => index !== null),
    ({ step }) => step,
  );
  const statuses = new Map<string, DrawnStatus>(
    steps.flatMap(({ step, index, status }) => (index === null ? [[step, { status, items: items.get(step)?.length ?? 0 }]] : [])),
  );
  const drawing = await ctx.computing.run(() => drawSteps(machine.name, graph, statuses, definition ? "all" : "begun"));
  charge(ctx, partsOf(drawing));
  return ctx.computing.run(() => writeDiagram(drawing, formats[format]));
}

async function loadMachine(ctx: Context, definitionId: string): Promise<Machine> {
  const { tenantId } = ctx.viewer;
  const machine = await ctx
    .loader<string, Machine>("machine", (tx, ids) => machinesOf(tx, tenantId, ids, ctx.computing))
    .load(definitionId);
  if (!machine)
    throw new DefinitionInvalid([{ path: "", message: "The definition of this instance can no longer be read, so there is no diagram." }]);
  return machine;
}

/**
 * Adds to what the operation has drawn.
 * @throws QueryLimitExceeded if the total is too large, whether or not the diagrams were cached
 */
function charge(ctx: Context, parts: number): void {
  const actual = (drawn.get(ctx) ?? 0) + parts;
  drawn.set(ctx, actual);
  if (actual > MAX_PARTS) throw new QueryLimitExceeded({ limit: "diagramParts", actual, max: MAX_PARTS });
}
