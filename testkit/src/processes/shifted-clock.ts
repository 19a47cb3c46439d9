/**
 * Preloaded into a process by `node --import`: its wall clock is wrong, and jumps. The monotonic clock and timers of Node are not affected, as with a
 * real clock that is set.
 */
const offsets = (process.env["WEFT_TEST_CLOCK_OFFSETS_MS"] ?? "0").split(",").map(Number);
const TrueDate = Date;
const wrongNow = (): number => TrueDate.now() + (offsets[Math.floor(performance.now() / 100) % offsets.length] ?? 0);

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args: unknown[], newTarget) => Reflect.construct(target, args.length === 0 ? [wrongNow()] : args, newTarget) as Date,
  apply: () => new TrueDate(wrongNow()).toString(),
  get: (target, key, receiver) => (key === "now" ? wrongNow : (Reflect.get(target, key, receiver) as unknown)),
});
