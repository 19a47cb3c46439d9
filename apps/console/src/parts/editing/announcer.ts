import { graphql } from "../../gql";
import type { RequestActivity } from "../../gql/graphql";
import { weft } from "../../weft";

/** What the user is doing with a request. */
export interface Doing {
  readonly activity: RequestActivity;
  /** Whether only users who read internal comments learn of it. */
  readonly isInternal: boolean;
}

const announce = graphql(`
  mutation ConsoleAnnounceActivity($input: AnnounceRequestActivityInput!) {
    announceRequestActivity(input: $input) {
      endsAt
    }
  }
`);

/** The server forgets an announcement after 20 seconds. */
const repeatMs = 10_000;

/** Tells the server what this tab does with a request, again while it lasts, and when it ends. */
class Announcer {
  readonly #id: string;
  readonly #all = new Set<Doing>();
  #announced: Doing | null = null;
  #isTelling = false;
  #repeating: ReturnType<typeof setInterval> | undefined;

  constructor(id: string) {
    this.#id = id;
  }

  /** Returns a function that ends it. */
  begin(doing: Doing): () => void {
    this.#all.add(doing);
    this.#changed();
    return () => {
      this.#all.delete(doing);
      this.#changed();
    };
  }

  /** The page goes away: only a request that outlives it still arrives. */
  leave(): void {
    if (this.#announced === null) return;
    void fetch("/graphql", {
      method: "POST",
      keepalive: true,
      headers: { "content-type": "application/json", "apollo-require-preflight": "1" },
      body: JSON.stringify({ query: String(announce), variables: { input: { id: this.#id, activity: null } } }),
    }).catch(() => undefined);
    this.#announced = null;
  }

  #changed(): void {
    clearInterval(this.#repeating);
    if (this.#all.size > 0) this.#repeating = setInterval(() => void this.#tell({ isRepetition: true }), repeatMs);
    // What ends and what begins in the same moment are told together.
    queueMicrotask(() => void this.#tell());
  }

  /** Who changes the request and writes a comment changes it. */
  #wanted(): Doing | null {
    const all = [...this.#all];
    return all.find(({ activity }) => activity === "CHANGING") ?? all.find(({ isInternal }) => !isInternal) ?? all[0] ?? null;
  }

  /** One after the other: a repetition that arrives after the end would begin it again. */
  async #tell({ isRepetition = false } = {}): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    let isDue = isRepetition;
    while (isDue || !isSame(this.#announced, this.#wanted())) {
      isDue = false;
      this.#announced = this.#wanted();
      await this.#send(this.#announced);
    }
    this.#isTelling = false;
  }

  async #send(doing: Doing | null): Promise<void> {
    // A session that has ended has also ended this.
    if (weft.session.state.status !== "signedIn") return;
    // Nobody misses anything if it fails: it is repeated, and what is not ended expires.
    await weft.mutate(announce, { input: { id: this.#id, activity: null, ...doing } }).catch(() => undefined);
  }
}

const isSame = (one: Doing | null, other: Doing | null): boolean =>
  one?.activity === other?.activity && one?.isInternal === other?.isInternal;

const announcers = new Map<string, Announcer>();

/** Announces what the user does with a request. Returns a function that ends it. */
export function announceDoing(requestId: string, doing: Doing): () => void {
  const announcer = announcers.get(requestId) ?? new Announcer(requestId);
  announcers.set(requestId, announcer);
  return announcer.begin(doing);
}

addEventListener("pagehide", () => {
  for (const announcer of announcers.values()) announcer.leave();
});
