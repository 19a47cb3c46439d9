import { MAX_NODES_PER_ITEM, type Condition, type Operand } from "./tree.js";

/** Why a tree would take too long to evaluate over large lists; null when it would not. */
export function boundsProblem(tree: Condition | Operand): string | null {
  let perItem = 0;
  let isNested = false;
  const visit = (node: Condition | Operand, isInside: boolean): void => {
    if (isInside) perItem++;
    if ("each" in node) {
      isNested ||= isInside;
      visit(node.each, isInside);
      visit("to" in node ? node.to : node.where, true);
    } else for (const part of partsOf(node)) visit(part, isInside);
  };
  visit(tree, false);
  if (isNested) return "A list cannot be looked through for each item of another.";
  return perItem > MAX_NODES_PER_ITEM
    ? `What is asked of each item of a list has ${perItem} parts in all; the most is ${MAX_NODES_PER_ITEM}.`
    : null;
}

function partsOf(node: Exclude<Condition | Operand, { each: Operand }>): readonly (Condition | Operand)[] {
  if ("args" in node) return node.args;
  if ("arg" in node) return [node.arg];
  if ("left" in node) return [node.left, node.right];
  return "if" in node ? [node.if, node.yes, node.no] : [];
}
