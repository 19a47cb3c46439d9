import { MAX_DEPTH, MAX_NODES, MAX_NODES_PER_ITEM, type Condition, type Operand } from "../../model/condition.js";

/** Returns why a tree exceeds the limits of conditions, or contains a loop within a loop. Null if it does not. */
export function boundsProblem(tree: Condition | Operand): string | null {
  let nodes = 0;
  let perItem = 0;
  let deepest = 0;
  let isNested = false;
  const visit = (node: Condition | Operand, isInside: boolean, depth: number): void => {
    nodes++;
    deepest = Math.max(deepest, depth);
    if (isInside) perItem++;
    if ("each" in node) {
      isNested ||= isInside;
      visit(node.each, isInside, depth + 1);
      visit("to" in node ? node.to : node.where, true, depth + 1);
    } else for (const part of partsOf(node)) visit(part, isInside, depth + 1);
  };
  visit(tree, false, 0);
  if (nodes > MAX_NODES) return `The condition has ${nodes} parts; the maximum is ${MAX_NODES}.`;
  if (deepest > MAX_DEPTH) return `The condition is nested more than ${MAX_DEPTH} levels deep.`;
  if (isNested) return "A condition cannot iterate over a list for each item of another list.";
  return perItem > MAX_NODES_PER_ITEM
    ? `The expressions for each item of a list have ${perItem} parts in total; the maximum is ${MAX_NODES_PER_ITEM}.`
    : null;
}

function partsOf(node: Exclude<Condition | Operand, { each: Operand }>): readonly (Condition | Operand)[] {
  if ("args" in node) return node.args;
  if ("arg" in node) return [node.arg];
  if ("left" in node) return [node.left, node.right];
  return "if" in node ? [node.if, node.yes, node.no] : [];
}
