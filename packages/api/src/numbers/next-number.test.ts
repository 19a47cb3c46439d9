import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "@weft/platform/db";
import { nextNumber, type Numbering } from "./next-number.js";

let bare: BareDatabase;
beforeAll(async () => void (bare = await openBareDatabase()));
afterAll(() => bare.close());

const concurrent: Pick<Numbering, "numbers"> = { numbers: { assignment: "concurrent" } };
const consecutive: Pick<Numbering, "numbers"> = { numbers: { assignment: "consecutive" } };

async function aCounter() {
  const { tenantId } = await bare.tenant();
  const take = (numbering = concurrent) =>
    asTenant(bare.databases.app, { tenantId }, "write", (tx) => nextNumber(tx, "contract", numbering));
  /** Takes a number in a transaction that stays open. */
  const open = async (numbering = concurrent) => {
    const [taken, ends] = [Promise.withResolvers<number>(), Promise.withResolvers<void>()];
    const ended = asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
      taken.resolve(await nextNumber(tx, "contract", numbering));
      await ends.promise;
    });
    ended.catch(taken.reject);
    const end = (how: () => void) => {
      how();
      return ended.catch((error: unknown) => {
        if (!String(error).includes(rolledBack.message)) throw error;
      });
    };
    const number = await taken.promise;
    return { number, commit: () => end(ends.resolve), rollBack: () => end(() => ends.reject(rolledBack)) };
  };
  return { tenantId, take, open };
}
const rolledBack = new Error("rolled back");

test("one transaction after the other gets the next number", async () => {
  const { take } = await aCounter();
  const numbers: number[] = [];
  for (let count = 0; count < 70; count++) numbers.push(await take());
  expect(numbers).toEqual(Array.from({ length: 70 }, (_, at) => at + 1));
});

test("open transactions do not wait for each other, and their numbers differ", async () => {
  const { take, open } = await aCounter();
  const [first, second] = [await open(), await open()];
  expect([first.number, second.number, await take()]).toEqual([1, 2, 3]);
  await Promise.all([first.commit(), second.commit()]);
  expect(await take()).toBe(4);
});

test("the number of a transaction that is rolled back is assigned next", async () => {
  const { take, open } = await aCounter();
  const first = await open();
  expect([await take(), await take()]).toEqual([2, 3]);
  await first.rollBack();
  expect([await take(), await take()]).toEqual([1, 4]);
});

test("consecutive numbers wait for the transaction with the previous one", async () => {
  const { take, open } = await aCounter();
  const first = await open(consecutive);
  const second = take(consecutive);
  await untilWaiting();
  await first.rollBack();
  expect(await second).toBe(1);
  expect(await take(consecutive)).toBe(2);
});

test("if all lanes are in use, a transaction waits for one of them", async () => {
  const { tenantId, take } = await aCounter();
  await take();
  let waiting: Promise<number> | undefined;
  await bare.owner.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`weft.number.${tenantId} contract`}, 0) # lane) from generate_series(1::bigint, 32) lane`;
    waiting = take();
    await untilWaiting();
  });
  expect(await waiting).toBeGreaterThan(1);
});

const untilWaiting = () =>
  until(
    async () =>
      (
        await bare.owner`select from pg_locks l join pg_database d on d.oid = l.database
          where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`
      ).length > 0,
    { what: "a transaction waits for another one" },
  );
