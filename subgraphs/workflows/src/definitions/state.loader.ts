import { machinesOf, type Machine } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { selectPublishedVersions } from "./definition.store.js";

/** A state of any version of a definition. */
export interface StatePlace {
  readonly definitionKey: string;
  readonly state: string;
}

/** What the definition says about a state. */
export interface StateFacts {
  readonly title: string;
  /** Whether the work counts as ended in it. */
  readonly isEnded: boolean;
}

/** Older versions in which a state is searched. */
const MAX_OLDER = 20;

const keyOf = ({ definitionKey, state }: StatePlace): string => `${definitionKey} ${state}`;

/**
 * Loads states by the key of their definition, from the newest version that has them. At most three statements for all states of the response. A state
 * that no version has, or of a definition that cannot be read, has its name as its title.
 */
export async function loadState(ctx: Context, place: StatePlace): Promise<StateFacts> {
  const { tenantId } = ctx.viewer;
  const loader = ctx.loader<string, StateFacts>("stateFacts", async (tx, keys) => {
    const places = keys.map((key): StatePlace => {
      const [definitionKey = "", state = ""] = key.split(" ");
      return { definitionKey, state };
    });
    const versions = Map.groupBy(await selectPublishedVersions(tx, [...new Set(places.map((one) => one.definitionKey))]), (one) => one.key);
    const found = new Map<string, StateFacts>();
    const search = async (from: number, to: number): Promise<void> => {
      const missing = places.filter((one) => !found.has(keyOf(one)));
      const searched = new Map(
        [...new Set(missing.map((one) => one.definitionKey))].map((key) => [key, (versions.get(key) ?? []).slice(from, to)]),
      );
      const ids = [...searched.values()].flatMap((all) => all.map(({ id }) => id));
      const machines = ids.length === 0 ? new Map<string, Machine>() : await machinesOf(tx, tenantId, ids, ctx.computing);
      for (const one of missing) {
        const states = (searched.get(one.definitionKey) ?? []).map(({ id }) => machines.get(id)?.states.get(one.state));
        const state = states.find((known) => known !== undefined);
        if (state) found.set(keyOf(one), { title: state.title, isEnded: state.isClosed || state.final !== null });
      }
    };
    await search(0, 1);
    await search(1, MAX_OLDER);
    return found;
  });
  return (await loader.load(keyOf(place))) ?? { title: place.state, isEnded: false };
}
