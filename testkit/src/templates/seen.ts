import { isDeepStrictEqual } from "node:util";
import type { TestUser } from "../test-user.js";
import type { Scenario } from "./stage.js";

export interface SeenTask {
  readonly id: string;
  readonly rule: string;
  readonly state: string;
  readonly status: string;
  readonly createdAt: string;
  readonly dueAt: string | null;
  readonly assignee: { readonly id: string } | null;
  readonly candidateRoles: readonly string[];
  readonly checklist: readonly { readonly key: string; readonly title: string; readonly isDone: boolean }[];
}

export interface SeenChild {
  readonly id: string;
  readonly definitionKey: string;
  readonly parentRule: string;
  readonly childIndex: number;
  readonly state: string;
  readonly status: string;
}

/** The instance as the administrator sees it. */
export interface Seen {
  readonly state: string;
  readonly status: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly incident: { readonly kind: string } | null;
  readonly history: readonly {
    readonly kind: string;
    readonly transition: string | null;
    readonly from: string | null;
    readonly to: string;
  }[];
  readonly tasks: readonly SeenTask[];
  readonly children?: { readonly edges: readonly { readonly node: SeenChild }[] };
}

const look = `query Look($id: ID!, $hasChildren: Boolean!) { workflowInstance(id: $id) { state status data incident { kind } history { kind transition from to }
  tasks { id rule state status createdAt dueAt assignee { id } candidateRoles checklist { key title isDone } }
  children(first: 100) @include(if: $hasChildren) { edges { node { id definitionKey parentRule childIndex state status } } } } }`;
export const isOpen = ({ status }: SeenTask): boolean => status === "OPEN" || status === "CLAIMED";
export const childrenOf = ({ children }: Seen): SeenChild[] => (children?.edges ?? []).map(({ node }) => node);
const enters = new Set(["START", "TRANSITION", "ROLLBACK"]);

/** Reads the instance as a user with full access sees it. */
export async function readSeen(admin: TestUser, id: string, hasChildren: boolean): Promise<Seen> {
  return (await admin.run<{ workflowInstance: Seen }>(look, { id, hasChildren })).workflowInstance;
}

/** Replaces names of people with the IDs of the users who play them. */
export function withIds(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return ids.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one: unknown) => withIds(one, ids));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withIds(one, ids)]));
}

interface Performed {
  readonly ids: ReadonlyMap<string, string>;
  /** The scenario's initial time. Null if the clock was moved, because deadlines are then unknown. */
  readonly now: string | null;
}

/** @throws Error at the first difference from the scenario's expectations */
export function compare(seen: Seen, expected: Scenario["expect"], { ids, now }: Performed): void {
  const visited = seen.history.flatMap(({ kind, from, to }) => (enters.has(kind) || (from !== null && from !== to) ? [to] : []));
  const same = (what: string, wanted: unknown, found: unknown): void => {
    if (wanted !== undefined && !isDeepStrictEqual(wanted, found))
      throw new Error(`expected ${what} ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
  };
  same("the state", expected.state, seen.state);
  same("the status", expected.status, seen.status);
  same("the path", expected.path, visited);
  same("the incident", expected.incident ?? null, seen.incident?.kind ?? null);
  for (const [name, value] of Object.entries(expected.data ?? {})) same(`data.${name}`, withIds(value, ids), seen.data[name] ?? null);
  const running = childrenOf(seen).flatMap(({ status, parentRule }) => (status === "RUNNING" ? [parentRule] : []));
  same("the running children", expected.children?.toSorted(), running.toSorted());
  const open = seen.tasks.filter(isOpen);
  same("the open tasks", expected.tasks?.map(({ task }) => task).toSorted(), open.map(({ rule }) => rule).toSorted());
  for (const { task, due } of expected.tasks ?? []) {
    if (now === null) return;
    const found = open.find(({ rule }) => rule === task);
    const wanted = typeof due === "string" ? Date.parse(due) - Date.parse(now) : due;
    same(`the deadline of ${task}`, wanted, found?.dueAt ? Date.parse(found.dueAt) - Date.parse(found.createdAt) : null);
  }
}
