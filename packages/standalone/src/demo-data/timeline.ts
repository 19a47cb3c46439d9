/**
 * What happens to one thing over time. It yields how many days ago it goes on, never later than before, and does the next step when it is called
 * again.
 */
export type Story = AsyncGenerator<number, void, void>;

/** Stories that go on within this time share one setting of the clock, and run side by side. */
const slotDays = 0.4;

export interface TimelineOptions {
  /** Sets the clock so many days back. */
  readonly moveTo: (daysAgo: number) => Promise<void>;
  /** A story failed and ends there; the others go on. */
  readonly onFailure: (error: unknown) => void;
  /** Ends it between two steps. */
  readonly signal?: AbortSignal | undefined;
}

/** Plays stories in the order of their steps, all of them through the same past. */
export async function playStories(stories: readonly Story[], { moveTo, onFailure, signal }: TimelineOptions): Promise<void> {
  const waiting: { readonly story: Story; readonly at: number }[] = [];
  const goOn = async (story: Story, from: number): Promise<void> => {
    try {
      const { value, done } = await story.next();
      if (done === true) return;
      if (value > from) throw new RangeError(`A story of the demo goes back in time, from ${from} to ${value} days ago.`);
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
    await Promise.all(due.map((one) => goOn(one.story, one.at)));
  }
}
