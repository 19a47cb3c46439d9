/**
 * What happens to one object over time. Each step yields how many days ago the next one happens, in chronological order. Calling it again runs that
 * step.
 */
export type Story = AsyncGenerator<number, void, void>;

/** Steps within this time share one setting of the clock and run concurrently. */
const slotDays = 0.4;

/** Stories that run concurrently. Less than the share of a tenant, so that logins and reads of the demo's first users do not wait for the stories. */
const lanes = 4;

export interface TimelineOptions {
  /** Sets the clock back by this many days. */
  readonly moveTo: (daysAgo: number) => Promise<void>;
  /** Called when a story failed. It ends there, and the others continue. */
  readonly onFailure: (error: unknown) => void;
  /** Ends the work between two steps. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs the steps of all stories in chronological order, on a shared timeline. */
export async function playStories(stories: readonly Story[], { moveTo, onFailure, signal }: TimelineOptions): Promise<void> {
  const waiting: { readonly story: Story; readonly at: number }[] = [];
  const goOn = async (story: Story, from: number): Promise<void> => {
    try {
      const { value, done } = await story.next();
      if (done === true) return;
      if (value > from) throw new RangeError(`A demo story goes back in time, from ${from} to ${value} days ago.`);
      waiting.push({ story, at: value });
    } catch (error) {
      if (signal?.aborted !== true) onFailure(error);
    }
  };
  for (const story of stories) await goOn(story, Infinity);
  while (waiting.length > 0 && signal?.aborted !== true) {
    const at = Math.max(...waiting.map((one) => one.at));
    const due = waiting.filter((one) => one.at > at - slotDays);
    for (const one of due) waiting.splice(waiting.indexOf(one), 1);
    await moveTo(at);
    const lane = async (): Promise<void> => {
      for (let one = due.shift(); one && signal?.aborted !== true; one = due.shift()) await goOn(one.story, one.at);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }
}
