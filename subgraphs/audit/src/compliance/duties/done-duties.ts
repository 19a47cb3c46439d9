import type { ConflictingDuties, Duty } from "./conflicting-duties.js";
import type { ReportDraft } from "../run/draft.js";
import { entriesOf, type EntriesQuestion, inChunks, type ReportedEntry } from "../kinds/entries.js";
import type { ReportRequest } from "../kinds/kind.js";

export const secondDutiesOperation = "SecondDuties";
export const firstDutiesOperation = "FirstDuties";

/** Entries that are read for each of the two duties of a pair. Each takes about 200 bytes while the report is made. */
const maxEntries = 200_000;

/** Both duties of a pair, done by the same user. */
export interface DoneDuties {
  readonly userId: string;
  /** Object of the second duty, if both must be about the same. */
  readonly object: { readonly type: string; readonly id: string } | null;
  readonly firstAt: string;
  readonly secondAt: string;
}

/** What one user did, to one object or to any. */
interface Deed {
  readonly userId: string;
  readonly object: { readonly type: string; readonly id: string };
  readonly at: string;
}

/**
 * Returns the users who did both duties: the second in the period, and the first at any time until its end, or also in the period if the duties need not be
 * about the same object. With the newest time of each.
 */
export async function doneDuties(
  draft: ReportDraft,
  { period }: ReportRequest,
  { isSameObject, first, second }: ConflictingDuties,
): Promise<{ readonly done: readonly DoneDuties[]; readonly isComplete: boolean }> {
  const keyOf = ({ userId, object }: Deed): string => (isSameObject ? `${userId} ${object.id}` : userId);
  const inPeriod = { at: { gte: period.from, lt: period.to } };
  const seconds = new Deeds(keyOf);
  await seconds.read(questionsOf(draft, secondDutiesOperation, second, [inPeriod]));
  const firsts = new Deeds(keyOf, (deed) => seconds.has(deed));
  const objects = [...new Set(seconds.all.map(({ object }) => object.id))];
  const conditions = isSameObject ? inChunks(objects).map((ids) => ({ entityId: { in: ids }, at: { lt: period.to } })) : [inPeriod];
  if (seconds.all.length > 0) await firsts.read(questionsOf(draft, firstDutiesOperation, first, conditions));
  const done = firsts.all.map((deed): DoneDuties => {
    const { object, at } = seconds.get(deed);
    return { userId: deed.userId, object: isSameObject ? object : null, firstAt: deed.at, secondAt: at };
  });
  return { done, isComplete: seconds.isComplete && firsts.isComplete };
}

/** The newest deed of each user, or of each user and object. */
class Deeds {
  readonly #keyOf: (deed: Deed) => string;
  readonly #isWanted: (deed: Deed) => boolean;
  readonly #newest = new Map<string, Deed>();
  isComplete = true;

  constructor(keyOf: (deed: Deed) => string, isWanted: (deed: Deed) => boolean = () => true) {
    this.#keyOf = keyOf;
    this.#isWanted = isWanted;
  }

  get all(): readonly Deed[] {
    return [...this.#newest.values()];
  }

  has(deed: Deed): boolean {
    return this.#newest.has(this.#keyOf(deed));
  }

  get(deed: Deed): Deed {
    const found = this.#newest.get(this.#keyOf(deed));
    if (!found) throw new Error("The deed was not read.");
    return found;
  }

  async read(lists: Iterable<AsyncIterable<ReportedEntry>>): Promise<void> {
    for (const entries of lists)
      for await (const { actor, onBehalfOf, entityType, entityId, at } of entries)
        for (const userId of new Set([actor, onBehalfOf].flatMap((user) => (user ? [user.id] : [])))) {
          const deed = { userId, object: { type: entityType, id: entityId }, at };
          if (!this.#isWanted(deed)) continue;
          const known = this.#newest.get(this.#keyOf(deed));
          if (known === undefined && this.#newest.size === maxEntries) {
            this.isComplete = false;
            return;
          }
          if (known === undefined || Date.parse(known.at) < Date.parse(at)) this.#newest.set(this.#keyOf(deed), deed);
        }
  }
}

/** Returns the lists of entries of a duty, for each condition. */
function* questionsOf(
  draft: ReportDraft,
  name: string,
  { actions }: Duty,
  conditions: readonly EntriesQuestion["filter"][],
): Generator<AsyncIterable<ReportedEntry>> {
  for (const condition of conditions)
    for (const chunk of inChunks(actions))
      yield entriesOf(draft, { name, filter: { action: { in: chunk }, ...condition }, isRepeated: true });
}
