import { Kind } from "graphql";
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from "graphql";
import { deepestNesting } from "./text.js";

/** Limit for cyclic fragments, whose size is infinite. Validation refuses them later. */
const mostSteps = 200_000;

/**
 * Counts pairs of fields with the same response key in the same object, with fragments expanded, in all operations and fragments of a document.
 * Validation compares the two fields of each pair, with their arguments and subselections: a field repeated a thousand times requires half a million
 * comparisons.
 * @param max counting stops beyond this number
 */
export function repetitionsOf(document: DocumentNode, max: number): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let [pairs, steps] = [0, 0];
  const isEnough = (): boolean => pairs > max || steps > mostSteps;

  /** Collects, for each response key of an object, the selections of its fields. */
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
