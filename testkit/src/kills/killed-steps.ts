import type { ApiClient } from "@weft/standalone";
import type { Sql } from "@weft/pg-driver";
import { expect } from "vitest";
import type { StandaloneProcess } from "../processes/standalone-process.js";
import { randomSource } from "../random-source.js";
import { inputTypeOf } from "../input-type.js";

/** In each group of this many consecutive steps, the server is killed during one. */
const groupSize = 8;
/** Most requests take less, so the server is killed before, during, and after their transactions. */
const longestDelayMs = 80;
/** Part of the kills that follow immediately after the step is committed. At random moments, few answers are lost after their commit. */
const shareAtCommit = 0.5;

interface Step {
  readonly name: string;
  /** Actions of the audit entries that the step makes, in any order. */
  readonly audit: readonly string[];
}

interface Mutation {
  readonly input: object;
  /** Selection of the payload. It must be the same when the call is repeated. */
  readonly returns: string;
  /** See `Step`. */
  readonly audit: readonly string[];
}

interface Entry {
  readonly id: string;
  readonly action: string;
}

/**
 * Steps in the organization Globex on a server that is killed with SIGKILL during some of them. Each step is checked to have its effect once: a killed one
 * has written all of its audit entries or none, and after its repetitions they are there once.
 */
export interface KilledSteps {
  /** One line for each kill. */
  readonly kills: readonly string[];
  /** Runs a mutation with an idempotency key as a step, and returns its payload. */
  mutate<T = unknown>(who: ApiClient, mutation: string, options: Mutation): Promise<T>;
  /**
   * Takes a step. `send` must be repeatable: it has an idempotency key, or reads first whether the step is done. If the server is killed, the step is
   * repeated twice, and every answer must be the same.
   */
  take<T>(step: Step, send: () => Promise<T>): Promise<T>;
  /** Checks that nothing was written after the last step. */
  end(): Promise<void>;
}

/** Begins the steps. `sql` sees all tenants; the audit entries that exist are ignored. The seed decides when the server is killed. */
export async function killedSteps(weft: StandaloneProcess, sql: Sql, seed: number): Promise<KilledSteps> {
  const random = randomSource(seed);
  const kills: string[] = [];
  const seen = new Set((await entries()).map(({ id }) => id));
  let taken = 0;
  let chosen = 0;

  /** Logins are not steps. */
  function entries(): Promise<Entry[]> {
    return sql<Entry[]>`select id, action from audit.entries
      where tenant_id = (select tenant_id from identity.tenants where slug = 'globex') and action not like 'session.%'`;
  }

  /** Returns the actions of the audit entries since the last call, in alphabetical order. */
  async function newActions(): Promise<string[]> {
    const added = (await entries()).filter(({ id }) => !seen.has(id));
    for (const { id } of added) seen.add(id);
    return added.map(({ action }) => action).toSorted();
  }

  /** Resolves when the running step has written audit entries. */
  async function untilCommitted(): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline) if ((await entries()).some(({ id }) => !seen.has(id))) return;
  }

  async function takeKilled<T>({ name, audit }: Step, send: () => Promise<T>): Promise<T> {
    const isAtCommit = random.chance(shareAtCommit);
    const delayMs = random.below(longestDelayMs);
    const first = send().then(
      (value) => ({ value }),
      () => null,
    );
    if (isAtCommit) await Promise.race([first, untilCommitted()]);
    else await new Promise((resolve) => setTimeout(resolve, delayMs));
    await weft.end("SIGKILL");
    const answered = await first;
    await weft.start();
    const written = await newActions();
    const moment = isAtCommit ? "when it is committed" : `after ${delayMs} ms`;
    kills.push(`${name} ${moment}: ${answered ? "answered" : "unanswered"}, ${written.length > 0 ? "" : "not "}committed`);
    expect([[], audit.toSorted()], `audit entries of ${name}, killed ${moment}`).toContainEqual(written);
    const second = await send();
    expect(await send(), `second repetition of ${name}`).toEqual(second);
    if (answered !== null) {
      expect(written, `audit entries of ${name}, which was answered`).toEqual(audit.toSorted());
      expect(second, `repetition of ${name}`).toEqual(answered.value);
    }
    expect([...written, ...(await newActions())], `audit entries of ${name}, repeated`).toEqual(audit.toSorted());
    return second;
  }

  async function take<T>(step: Step, send: () => Promise<T>): Promise<T> {
    const number = taken++;
    if (number % groupSize === 0) chosen = number + random.below(groupSize);
    if (number === chosen) return takeKilled(step, send);
    const answer = await send();
    expect(await newActions(), `audit entries of ${step.name}`).toEqual(step.audit.toSorted());
    return answer;
  }

  async function mutate<T>(who: ApiClient, mutation: string, { input, returns, audit }: Mutation): Promise<T> {
    const type = inputTypeOf(mutation);
    const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${returns} } }`;
    const idempotencyKey = `${mutation} ${taken}`;
    return take({ name: mutation, audit }, async () => {
      const result = await who.run<Record<string, T>>(query, { input: { ...input, idempotencyKey } });
      return result[mutation] as T;
    });
  }

  async function end(): Promise<void> {
    expect(await newActions()).toEqual([]);
  }

  return { kills, mutate, take, end };
}
