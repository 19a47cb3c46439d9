/** Diagrams of versions, kept by tenant, version and format: a list of definitions is shown again and again. */
import { LRUCache } from "lru-cache";
import { drawDefinition, type Drawing } from "../core/diagram/drawing.js";
import { toMermaid } from "../core/diagram/mermaid.js";
import { toSvg } from "../core/diagram/svg.js";
import { machineOfVersion, type StoredVersion } from "./version.js";

export type DiagramFormat = "mermaid" | "svg";

/** `version` grows with each change of a draft. */
export type DrawnVersion = StoredVersion & { readonly version: number };

/** 16 million characters: some twenty of the largest, thousands of the usual. */
const diagrams = new LRUCache<string, { readonly text: string; readonly parts: number }>({
  maxSize: 16_000_000,
  sizeCalculation: ({ text }) => text.length,
});

/** The diagram of a version that the viewer may see, and of how many states and transitions it is. The text is compiled in steps. @throws DefinitionInvalid */
export function* diagramOfVersion(
  tenantId: string,
  version: DrawnVersion,
  format: DiagramFormat,
): Generator<void, { readonly text: string; readonly parts: number }, void> {
  const key = `${tenantId}:${version.id}:${version.version}:${format}`;
  const known = diagrams.get(key);
  if (known) return known;
  const drawing = drawDefinition(yield* machineOfVersion(tenantId, version));
  yield;
  const made = { text: writeDiagram(drawing, format), parts: partsOf(drawing) };
  diagrams.set(key, made);
  return made;
}

export const writeDiagram = (drawing: Drawing, format: DiagramFormat): string => (format === "svg" ? toSvg(drawing) : toMermaid(drawing));

/** What the cost of drawing and the length of the text grow with. */
export const partsOf = ({ states, transitions }: Drawing): number => states.length + transitions.length;
