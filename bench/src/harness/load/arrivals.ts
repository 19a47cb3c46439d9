import { until } from "@weft/testkit/until";

/** What the clients of many users received for one event. */
export interface Received {
  /** Time of the last arrival, in ms since 1970. */
  readonly lastAt: number;
  /** The payload, which was the same for all. */
  readonly payload: unknown;
}

/** Collects the messages of many clients, each of which gets one for every event, all with equal payloads. */
export class Arrivals {
  readonly #count: number;
  readonly #what: string;
  #arrived = 0;
  #surplus = 0;
  #expected: string | undefined;
  #lastAt = 0;
  #failure: Error | undefined;

  /** @param what the clients, for errors: sockets or streams */
  constructor(count: number, what: string) {
    this.#count = count;
    this.#what = what;
  }

  /** @param payload the text, in the same encoding for all */
  add(payload: string): void {
    if (this.#expected === undefined) this.#surplus++;
    else if (this.#expected === "") this.#expected = payload;
    else if (payload !== this.#expected) this.fail(`Two ${this.#what} received different payloads: ${payload} and ${this.#expected}.`);
    this.#arrived++;
    this.#lastAt = Date.now();
  }

  /** The first failure ends every wait. */
  fail(message: string): void {
    this.#failure ??= new Error(message);
  }

  /**
   * Waits until every client has received one more message.
   * @throws Error if one is missing after a minute, or if payloads differ
   */
  async next(parse: (payload: string) => unknown): Promise<Received> {
    this.#expected = "";
    await until(async () => (this.#failure !== undefined || this.#arrived >= this.#count ? true : undefined), {
      what: `${this.#count} ${this.#what} have received the message`,
      everyMs: 5,
      deadlineMs: 60_000,
    });
    if (this.#failure) throw this.#failure;
    this.#arrived -= this.#count;
    const payload = parse(this.#expected);
    this.#expected = undefined;
    return { lastAt: this.#lastAt, payload };
  }

  /** Messages that no `next` was waiting for. */
  get surplus(): number {
    return this.#surplus + this.#arrived;
  }
}
