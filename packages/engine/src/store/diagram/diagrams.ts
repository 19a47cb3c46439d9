/**
 * Diagrams: draws versions of definitions and keeps the drawings by tenant, version and format, because lists show the same ones repeatedly.
 * The text of a version is compiled in steps, so that other requests are served meanwhile.
 * This module never decides what a diagram shows: the core does.
 */
import { LRUCache } from "lru-cache";
import { drawDefinition, type Drawing } from "../../core/diagram/drawing.js";
import { drawSteps } from "../../core/diagram/steps.js";
import { toMermaid } from "../../core/diagram/mermaid.js";
import { toSvg } from "../../core/diagram/svg.js";
import { machineOfVersion, type StoredVersion } from "../definition/version.js";

export type DiagramFormat = "mermaid" | "svg";

/** `version` increases with each change of a draft. */
export type DrawnVersion = StoredVersion & { readonly version: number };

/** 16 million characters: about twenty of the largest diagrams, or thousands of typical ones. */
const diagrams = new LRUCache<string, { readonly text: string; readonly parts: number }>({
  maxSize: 16_000_000,
  sizeCalculation: ({ text }) => text.length,
});

/**
 * Returns the diagram of a version that the viewer can see, and its number of states and transitions. The text is compiled in steps. @throws
 * DefinitionInvalid
 */
export function* diagramOfVersion(
  tenantId: string,
  version: DrawnVersion,
  format: DiagramFormat,
): Generator<void, { readonly text: string; readonly parts: number }, void> {
  const key = `${tenantId}:${version.id}:${version.version}:${format}`;
  const known = diagrams.get(key);
  if (known) return known;
  const machine = yield* machineOfVersion(tenantId, version);
  const graph = machine.isAutomation ? machine.states.get(machine.initial)?.run?.graph : undefined;
  const drawing = graph ? drawSteps(machine.name, graph) : drawDefinition(machine);
  yield;
  const made = { text: writeDiagram(drawing, format), parts: partsOf(drawing) };
  diagrams.set(key, made);
  return made;
}

export const writeDiagram = (drawing: Drawing, format: DiagramFormat): string => (format === "svg" ? toSvg(drawing) : toMermaid(drawing));

/** Determines the cost of drawing and the length of the text. */
export const partsOf = ({ states, transitions }: Drawing): number => states.length + transitions.length;
