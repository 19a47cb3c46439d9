import { BadUserInput, quote } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { TreeRow } from "./task-tree.store.js";

/** Levels of tasks in a project. */
const maxDepth = 10;
/** Tasks of a project. */
const maxTasks = 5000;
const maxPosition = 1_000_000;

/** The tasks of a project that are not deleted. */
export interface TaskTree {
  readonly byId: ReadonlyMap<string, TreeRow>;
  readonly byParent: ReadonlyMap<string | null, readonly TreeRow[]>;
}

export function treeOf(rows: readonly TreeRow[]): TaskTree {
  const live = rows.filter(({ deletedAt }) => deletedAt === null);
  return { byId: new Map(live.map((row) => [row.id, row])), byParent: Map.groupBy(live, ({ parentId }) => parentId) };
}

/** Returns the tree with a task in another place. */
export const movedIn = ({ byId }: TaskTree, id: string, parentId: string | null): TaskTree =>
  treeOf([...byId.values()].map((row) => (row.id === id ? { ...row, parentId } : row)));

/** Returns a task and all tasks below it, each before its subtasks. */
export function withSubtasks({ byParent }: TaskTree, id: string): string[] {
  const ids = [id];
  for (const each of ids) ids.push(...(byParent.get(each) ?? []).map((row) => row.id));
  return ids;
}

/** Returns the number of levels below a task. */
function heightOf(tree: TaskTree, id: string): number {
  const heights = (tree.byParent.get(id) ?? []).map((row) => heightOf(tree, row.id) + 1);
  return Math.max(0, ...heights);
}

/** Returns a task and those that contain it, from the inside out. */
function pathOf({ byId }: TaskTree, id: string): string[] {
  const row = byId.get(id);
  return row === undefined ? [] : [id, ...(row.parentId === null ? [] : pathOf({ byId, byParent: new Map() }, row.parentId))];
}

/** @throws BadUserInput if the project would have too many tasks */
export function assertRoomFor(tree: TaskTree, count: number, path: string): void {
  if (tree.byId.size + count <= maxTasks) return;
  throw new BadUserInput([{ path, message: `A project has at most ${maxTasks} tasks. This one has ${tree.byId.size}.` }]);
}

interface Nesting {
  readonly parentId: string | null;
  /** The task that gets the parent. Null if it is new. */
  readonly moved: string | null;
}

/** @throws BadUserInput if the parent does not exist in the project or is inside the task, or if there would be too many levels */
export function assertParent(tree: TaskTree, { parentId, moved }: Nesting, path = "input.parentId"): void {
  if (parentId === null) return;
  const refused = (message: string) => new BadUserInput([{ path, message }]);
  const ancestors = pathOf(tree, parentId);
  if (ancestors.length === 0) throw refused(`The project has no task with the ID ${encodeId("projectTask", parentId)}.`);
  if (moved !== null && ancestors.includes(moved))
    throw refused(`The task ${quote(tree.byId.get(moved)?.name ?? "")} cannot be moved into itself or into one of its subtasks.`);
  assertDepth(ancestors.length + 1 + (moved === null ? 0 : heightOf(tree, moved)), path);
}

/** @throws BadUserInput */
export function assertDepth(levels: number, path: string): void {
  if (levels <= maxDepth) return;
  const message = `Tasks can be nested at most ${maxDepth} levels deep. This would make ${levels} levels.`;
  throw new BadUserInput([{ path, message }]);
}

/** Returns the number of levels down to a task and below it. */
export const levelsOf = (tree: TaskTree, id: string): number => pathOf(tree, id).length + heightOf(tree, id);

/** Returns the position after the other tasks with the same parent. */
export const lastPosition = ({ byParent }: TaskTree, parentId: string | null): number =>
  Math.max(0, ...(byParent.get(parentId) ?? []).map(({ position }) => position)) + 1;

/** @throws BadUserInput */
export function assertPosition(position: number | null | undefined): void {
  if (typeof position !== "number" || (position >= 1 && position <= maxPosition)) return;
  const message = `${position} is not a valid position. Use a number from 1 to ${maxPosition}.`;
  throw new BadUserInput([{ path: "input.position", message }]);
}

const byPosition = (one: TreeRow, other: TreeRow): number => one.position - other.position || (one.id < other.id ? -1 : 1);

/** A task's place in the outline of the project. */
export interface OutlineEntry {
  readonly id: string;
  /** Number of tasks around it. */
  readonly depth: number;
  /** The numbers of the tasks around it and its own, `1.2.3`. */
  readonly wbsCode: string;
  readonly isSummary: boolean;
}

/** Returns the tasks in the order of the tree: each task before its subtasks, and these by position. */
export function outlineOf({ byParent }: TaskTree): OutlineEntry[] {
  const entries: OutlineEntry[] = [];
  const visit = (parentId: string | null, depth: number, prefix: string): void => {
    for (const [index, { id }] of (byParent.get(parentId) ?? []).toSorted(byPosition).entries()) {
      const wbsCode = `${prefix}${index + 1}`;
      entries.push({ id, depth, wbsCode, isSummary: byParent.has(id) });
      visit(id, depth + 1, `${wbsCode}.`);
    }
  };
  visit(null, 0, "");
  return entries;
}
