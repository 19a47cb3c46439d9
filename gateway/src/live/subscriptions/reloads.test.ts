import { setImmediate } from "node:timers/promises";
import { buildSchema, type GraphQLSchema } from "graphql";
import { describe, expect, test } from "vitest";
import { VariantAbsent } from "../../variants/variant-absent.js";
import { Reloads } from "./reloads.js";

const whole = buildSchema("type Query { one: Int two: Int at: Int }");
const smaller = buildSchema("type Query { one: Int at: Int }");

/** Subscriptions at paths whose schemas the test changes. Their checks pause until the test ends the pause. By default, only the first check of a large text takes time. */
function theReloads({ now }: { now?: () => number } = {}) {
  let time = 0;
  const known = new Set<string>();
  const checked = (text: string): string => {
    if (!known.has(text) && text.length > 1_000) time += 10;
    known.add(text);
    return text;
  };
  const pauses: (() => void)[] = [];
  const logged: unknown[] = [];
  const outdated: string[] = [];
  const paths = { api: { schema: whole }, variant: { schema: whole } };
  let internalSchema = whole;
  const reloads = new Reloads({
    executor: {
      get internalSchema() {
        return internalSchema;
      },
    },
    sharingOf: () => undefined,
    log: { error: (...given: unknown[]) => void logged.push(given) } as never,
    pause: () => new Promise<void>((resolve) => void pauses.push(resolve)),
    now: now ?? (() => time),
  });
  return {
    reloads,
    logged,
    outdated,
    paths,
    replaceInternal: (schema: GraphQLSchema) => void (internalSchema = schema),
    follow: (
      name: string,
      { tenantId = "tenant", path = paths.api, text = "{ two }", checkedAt = reloads.count }: Partial<Given<typeof paths.api>> = {},
    ) => {
      const relied = { tenantId, api: path, query: "{ one }", sharing: undefined };
      const timed = Object.defineProperty({ ...relied, text }, "text", { get: () => checked(text) });
      return reloads.watch(timed, checkedAt, () => void outdated.push(name));
    },
    pauses,
    /** Ends pauses, however many follow each other, until something is done. Returns their number. */
    until: async (done: Promise<unknown>): Promise<number> => {
      let ended = 0;
      let isDone = false;
      const settled = done.finally(() => (isDone = true));
      while (!isDone) {
        for (const end of pauses.splice(0)) {
          end();
          ended++;
        }
        await setImmediate();
      }
      await settled;
      return ended;
    },
  };
}

interface Given<Path> {
  readonly tenantId: string;
  readonly path: Path;
  readonly text: string;
  readonly checkedAt: number;
}

/** A text whose check takes longer than a step. */
const large = (name: string): string => `query ${name} { ${Array.from({ length: 2_000 }, (_, n) => `a${n}: one`).join(" ")} }`;

describe("after a reload", () => {
  test("a subscription that is no longer valid at its path is outdated, and others go on", async () => {
    const { reloads, follow, paths, outdated, until } = theReloads();
    follow("stays", { text: "{ one }" });
    follow("goes");
    follow("at another path", { path: paths.variant });
    Object.assign(paths.api, { schema: smaller });
    await until(reloads.reloaded());
    expect(outdated).toEqual(["goes"]);
  });

  test("a subscription whose query is no longer valid is outdated", async () => {
    const { reloads, follow, replaceInternal, outdated, until } = theReloads();
    follow("goes");
    replaceInternal(buildSchema("type Query { two: Int }"));
    await until(reloads.reloaded());
    expect(outdated).toEqual(["goes"]);
  });

  test("a subscription that was validated before it, and begins after it, is checked when it begins", async () => {
    const { reloads, follow, paths, outdated, until } = theReloads();
    const checkedAt = reloads.count;
    Object.assign(paths.api, { schema: smaller });
    await until(reloads.reloaded());
    const began = follow("began", { checkedAt });
    await until(Promise.resolve(began.untilChecked()));
    expect(outdated).toEqual(["began"]);
  });

  test("a subscription that was validated after it is not checked again", async () => {
    const { reloads, follow, until } = theReloads();
    await until(reloads.reloaded());
    expect(follow("began").untilChecked()).toBeUndefined();
  });

  test("a subscription is checked against the last of several reloads, although the checks of the first have not ended", async () => {
    const { reloads, follow, paths, outdated, until } = theReloads();
    follow("first", { text: large("A") });
    const second = follow("second");
    const checks = [reloads.reloaded()];
    // The first check is followed by a pause, and the second waits.
    await setImmediate();
    expect(second.untilChecked()).toBeDefined();
    Object.assign(paths.api, { schema: smaller });
    checks.push(reloads.reloaded());
    await until(Promise.all(checks));
    expect(outdated).toEqual(["second"]);
    expect(second.untilChecked()).toBeUndefined();
  });

  test("a subscription that ends while it waits is not checked", async () => {
    const { reloads, follow, paths, outdated, until } = theReloads();
    follow("first", { text: large("A") });
    const second = follow("second");
    const checks = reloads.reloaded();
    await setImmediate();
    second.end();
    Object.assign(paths.api, { schema: smaller });
    await until(checks);
    expect(outdated).toEqual([]);
  });
});

describe("the checks after a reload", () => {
  test("pause after each step, and take the tenants in turn", async () => {
    const { reloads, follow, pauses, until } = theReloads();
    const loud = Array.from({ length: 20 }, (_, n) => follow(`loud ${n}`, { tenantId: "loud", text: large(`L${n}`) }));
    const quiet = follow("quiet", { tenantId: "quiet" });
    const checks = reloads.reloaded();
    await setImmediate();
    expect([pauses.length, loud.filter((one) => one.untilChecked() === undefined).length]).toEqual([1, 1]);
    expect(quiet.untilChecked()).toBeDefined();
    // The other tenant has the next turn, and then the first one again.
    pauses.shift()?.();
    await setImmediate();
    expect(quiet.untilChecked()).toBeUndefined();
    expect(loud.filter((one) => one.untilChecked() === undefined)).toHaveLength(2);
    await until(checks);
    expect([...loud, quiet].filter((one) => one.untilChecked() !== undefined)).toEqual([]);
  });

  test("validate a text once, however many subscriptions have it", async () => {
    const { reloads, follow, until } = theReloads({ now: () => performance.now() });
    for (let n = 0; n < 200; n++) follow(`${n}`, { tenantId: `tenant ${n % 3}`, text: large("Same") });
    // The first check takes a step, and the others nearly nothing: if each took one, there would be 200.
    expect(await until(reloads.reloaded())).toBeLessThan(100);
  });

  test("log an error once, and tell the subscriptions concerned to reconnect", async () => {
    const { reloads, follow, paths, outdated, logged, until } = theReloads();
    for (const name of ["a", "b"]) follow(name, { path: paths.variant });
    follow("at the API");
    let built = 0;
    Object.defineProperty(paths.variant, "schema", {
      get: () => {
        built++;
        throw new Error("The schema does not fit.");
      },
    });
    await until(reloads.reloaded());
    expect(outdated).toEqual(["a", "b"]);
    expect(logged).toEqual([[{ err: new Error("The schema does not fit.") }, expect.stringContaining("could not be checked")]]);
    expect(built).toBe(1);
  });

  test("log nothing if the variant no longer exists", async () => {
    const { reloads, follow, paths, outdated, logged, until } = theReloads();
    follow("at the variant", { path: paths.variant });
    Object.defineProperty(paths.variant, "schema", {
      get: () => {
        throw new VariantAbsent();
      },
    });
    await until(reloads.reloaded());
    expect([outdated, logged]).toEqual([["at the variant"], []]);
  });
});
