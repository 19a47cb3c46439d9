import { words } from "../formats/values";

export interface WorkflowState {
  readonly name: string;
  readonly title: string;
  readonly isFinal: boolean;
  /** States that its transitions lead to. */
  readonly next: readonly string[];
}

interface StateDocument {
  readonly title?: string;
  readonly final?: string;
  readonly transitions?: Readonly<Record<string, { readonly to?: string } | null>>;
}

/**
 * Returns the states of a definition in the order in which work goes through them: each behind all those that lead to it, apart from ways back, and the
 * final ones at the end. The API does not keep the order of the source.
 */
export function statesOf(document: unknown): readonly WorkflowState[] {
  const { states, initial } = document as {
    readonly states?: Readonly<Record<string, StateDocument | null>>;
    readonly initial?: string;
  };
  if (states === undefined || initial === undefined) return [];
  const all = Object.entries(states).map(([name, state]) => ({
    name,
    title: state?.title ?? words(name),
    isFinal: state?.final !== undefined,
    next: [...new Set(Object.values(state?.transitions ?? {}).flatMap((transition) => transition?.to ?? []))],
  }));
  const rank = ranks(new Map(all.map(({ name, next }) => [name, next])), initial);
  const place = ({ name, isFinal }: WorkflowState): number => (isFinal ? all.length : 0) + (rank.get(name) ?? all.length - 1);
  return all.toSorted((one, other) => place(one) - place(other) || one.name.localeCompare(other.name));
}

/** The longest way from the initial state to each, without going back. */
function ranks(next: ReadonlyMap<string, readonly string[]>, initial: string): ReadonlyMap<string, number> {
  const order: string[] = [];
  const visit = (name: string, path: ReadonlySet<string>, done: Set<string>, forward: Map<string, string[]>): void => {
    if (done.has(name)) return;
    const here = new Set([...path, name]);
    for (const to of next.get(name) ?? [])
      if (!here.has(to)) {
        forward.set(name, [...(forward.get(name) ?? []), to]);
        visit(to, here, done, forward);
      }
    done.add(name);
    order.unshift(name);
  };
  const forward = new Map<string, string[]>();
  visit(initial, new Set(), new Set(), forward);
  const rank = new Map([[initial, 0]]);
  for (const name of order) for (const to of forward.get(name) ?? []) rank.set(to, Math.max(rank.get(to) ?? 0, (rank.get(name) ?? 0) + 1));
  return rank;
}
