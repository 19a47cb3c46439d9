import { diagramOfVersion, drawInstance, machinesOf, partsOf, writeDiagram, type InstanceHead, type Machine } from "@weft/engine";
import { DefinitionInvalid, QueryLimitExceeded, decodeId, hasPermission, type Context } from "@weft/shared";
import { loadDefinition } from "../definitions/definition.loader.js";
import { DefinitionStatus, type Definition } from "../definitions/definition.type.js";
import { spendText } from "../definitions/text-budget.js";
import { loadHistory } from "../instances/instance.loader.js";
import { DiagramFormat } from "./diagram.type.js";

const formats = { [DiagramFormat.SVG]: "svg", [DiagramFormat.MERMAID]: "mermaid" } as const;

/** States and transitions that the diagrams of one operation may have: eight of the largest definitions, or some hundreds of the usual. */
const MAX_PARTS = 20_000;

const drawn = new WeakMap<Context, number>();

/** The whole of a version that the viewer may see. */
export async function definitionDiagram(ctx: Context, definition: Definition, format: DiagramFormat): Promise<string> {
  spendText(ctx, definition.source);
  const { id, source, version, status } = definition;
  const asked = { id: decodeId("definition", id), source, format: definition.format, version, isDraft: status === DefinitionStatus.DRAFT };
  const { text, parts } = await ctx.computing.runAll(diagramOfVersion(ctx.viewer.tenantId, asked, formats[format]));
  charge(ctx, parts);
  return text;
}

/**
 * An instance's definition with its way through it. Who may not see the definition is shown what its history and its open transitions tell him anyway: the way
 * behind it and one step ahead.
 */
export async function instanceDiagram(ctx: Context, head: InstanceHead, format: DiagramFormat): Promise<string> {
  const [history, machine, definition] = await Promise.all([
    loadHistory(ctx, head),
    loadMachine(ctx, head.definitionId),
    hasPermission(ctx.viewer, "definition.read") ? loadDefinition(ctx, head.definitionId) : null,
  ]);
  // What happened since the instance was read belongs to another picture.
  const steps = history.filter(({ version }) => version <= head.version).map(({ from, to, transition }) => ({ from, to, transition }));
  const drawing = await ctx.computing.run(() => drawInstance(machine, { state: head.state, steps, reach: definition ? "all" : "path" }));
  charge(ctx, partsOf(drawing));
  return ctx.computing.run(() => writeDiagram(drawing, formats[format]));
}

async function loadMachine(ctx: Context, definitionId: string): Promise<Machine> {
  const { tenantId } = ctx.viewer;
  const machine = await ctx
    .loader<string, Machine>("machine", (tx, ids) => machinesOf(tx, tenantId, ids, ctx.computing))
    .load(definitionId);
  if (!machine)
    throw new DefinitionInvalid([
      { path: "", message: "The definition that this instance runs on cannot be read any more; there is no diagram." },
    ]);
  return machine;
}

/** Counts towards what one operation may draw. @throws QueryLimitExceeded beyond it, whether or not the diagrams were at hand */
function charge(ctx: Context, parts: number): void {
  const actual = (drawn.get(ctx) ?? 0) + parts;
  drawn.set(ctx, actual);
  if (actual > MAX_PARTS) throw new QueryLimitExceeded({ limit: "diagramParts", actual, max: MAX_PARTS });
}
