import { Kind } from "graphql";
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from "graphql";
import { deepestNesting } from "./text.js";

/** Fragments that spread each other in circles have no size: validation refuses them, after this has stopped looking. */
const mostSteps = 200_000;

/**
 * Pairs of fields that stand under the same key in the same object of the answer, fragments expanded, in all operations and fragments of a document. Validation compares
 * the two of each pair, with their arguments and all that is below them: the same field a thousand times over is half a million comparisons.
 * @param max it stops looking beyond
 */
export function repetitionsOf(document: DocumentNode, max: number): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let [pairs, steps] = [0, 0];
  const isEnough = (): boolean => pairs > max || steps > mostSteps;

  /** What stands under each key of one object: the selections below each of its fields. */
  function collect(set: SelectionSetNode, into: Map<string, (SelectionSetNode | undefined)[]>, within: readonly string[]): void {
    for (const selection of set.selections) {
      steps++;
      if (isEnough()) return;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const same = into.get(key);
        pairs += same?.length ?? 0;
        if (same) same.push(selection.selectionSet);
        else into.set(key, [selection.selectionSet]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, into, within);
      } else {
        const name = selection.name.value;
        const fragment = within.includes(name) ? undefined : fragments.get(name);
        if (fragment) collect(fragment.selectionSet, into, [...within, name]);
      }
    }
  }

  function count(sets: readonly SelectionSetNode[], within: readonly string[], depth = 0): void {
    const fields = new Map<string, (SelectionSetNode | undefined)[]>();
    for (const set of sets) collect(set, fields, within);
    for (const below of fields.values()) {
      if (isEnough() || depth > deepestNesting) return;
      const deeper = below.filter((set) => set !== undefined);
      if (deeper.length > 0) count(deeper, within, depth + 1);
    }
  }

  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) count([definition.selectionSet], []);
    else if (definition.kind === Kind.FRAGMENT_DEFINITION) count([definition.selectionSet], [definition.name.value]);
  }
  return steps > mostSteps ? Math.max(pairs, max + 1) : pairs;
}
