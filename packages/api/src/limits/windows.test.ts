import { expect, test } from "vitest";
import { type Charge, OwnWindows } from "./windows.js";

/** Windows on a clock that stands still, with few places. */
function someWindows(places = 5) {
  const clock = { ms: 0 };
  const windows = new OwnWindows(() => clock.ms, places);
  const used = async (of: Charge): Promise<number | undefined> => (await windows.take([{ ...of, points: 0 }])).uses[0]?.used;
  return { clock, windows, used };
}

const charge = (key: string, more: Partial<Charge> = {}): Charge => ({
  scope: "users",
  key,
  points: 1,
  allowed: 10,
  windowMs: 60_000,
  ...more,
});

test("a flood of keys displaces the windows of its own scope, and no others", async () => {
  const { windows, used } = someWindows();
  const ofAddress = (at: number): Charge => charge(`address ${at}`, { scope: "addresses" });
  await windows.take([charge("ada", { points: 7 })]);
  for (let at = 0; at < 1_000; at++) await windows.take([ofAddress(at)]);
  expect(await used(charge("ada"))).toBe(7);
  expect([await used(ofAddress(0)), await used(ofAddress(999))]).toEqual([0, 1]);
});

test("a window that is used stays, however many others come and go", async () => {
  const { windows, used } = someWindows();
  for (let at = 0; at < 9; at++) {
    await windows.take([charge("ada")]);
    await windows.take([charge(`other ${at}`)]);
  }
  expect(await used(charge("ada"))).toBe(9);
});

test("points of a window that has ended are not taken off the next one", async () => {
  const { clock, windows, used } = someWindows();
  const { taken } = await windows.take([charge("ada", { points: 3 })]);
  clock.ms = 60_000;
  await windows.take([charge("ada", { points: 5 })]);
  await windows.giveBack(taken);
  expect(await used(charge("ada"))).toBe(5);
});

test("no window has less than no use, whatever is given back", async () => {
  const { windows } = someWindows();
  const { taken } = await windows.take([charge("ada", { points: 2 })]);
  await windows.giveBack(taken.map((each) => ({ ...each, points: 50 })));
  await windows.giveBack(taken);
  const all = await windows.take([charge("ada", { points: 10 })]);
  expect(all).toMatchObject({ isTaken: true, uses: [{ used: 10 }] });
  expect((await windows.take([charge("ada")])).isTaken).toBe(false);
});

test("what is refused takes nothing, and has nothing to give back", async () => {
  const { windows, used } = someWindows();
  const refused = await windows.take([charge("ada"), charge("bob", { points: 11 })]);
  expect(refused).toMatchObject({ isTaken: false, taken: [] });
  expect(await used(charge("ada"))).toBe(0);
});

test("a window that shares the one of another charge ends with it, whenever its own first point was taken", async () => {
  const { clock, windows } = someWindows();
  const taking = async (ms: number, part: number) => {
    clock.ms = ms;
    const { uses } = await windows.take([charge("all"), charge("part", { points: part, sharesWindowOf: 0 })]);
    return uses;
  };
  expect(await taking(0, 0)).toEqual([
    { used: 1, endsInMs: 60_000 },
    { used: 0, endsInMs: 60_000 },
  ]);
  expect(await taking(30_000, 1)).toEqual([
    { used: 2, endsInMs: 30_000 },
    { used: 1, endsInMs: 30_000 },
  ]);
  expect(await taking(61_000, 0)).toEqual([
    { used: 1, endsInMs: 60_000 },
    { used: 0, endsInMs: 60_000 },
  ]);
  expect(await taking(89_000, 1)).toMatchObject([{ used: 2 }, { used: 1, endsInMs: 32_000 }]);
});

test("a window that shares another one starts over with it, if that one was displaced", async () => {
  const { clock, windows } = someWindows();
  const both = [charge("all"), charge("part", { scope: "parts", sharesWindowOf: 0 })];
  for (let time = 0; time < 3; time++) await windows.take(both);
  clock.ms = 1_000;
  for (let at = 0; at < 10; at++) await windows.take([charge(`other ${at}`)]);
  expect((await windows.take(both)).uses).toMatchObject([{ used: 1 }, { used: 1 }]);
});
