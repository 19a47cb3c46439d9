import { monitorEventLoopDelay } from "node:perf_hooks";
import { createTokenVerifier } from "@weft/gateway";
import { createUserWithRoles, hashPassword, verifyPassword } from "@weft/identity";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { ApiClient, startWeft } from "@weft/standalone";
import { closedLoop } from "./harness/load/closed-loop.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf, type Sample } from "./harness/rounds.js";
import { percentile } from "./harness/statistics.js";
import { openTenant, startSite } from "./harness/systems/services.js";

const password = "a quiet river 42";
const parallel = 50;
const inFlight = 8;
const login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken user { id } } }";
const me = "{ me { id } }";

const hashes = "hashes verified, nothing else";
const logins = "logins, 8 in flight";
const loginBurst = `${parallel} logins at once`;
const readBurst = `${parallel} reads at once`;
const idle = "idle";
const newTokens = "tokens verified for the first time";
const knownTokens = "tokens verified again";

/**
 * Measures logins at the default cost of argon2id: their throughput against that of the hashes alone, the delay of the event loop while many log in at
 * once, and what it costs to verify an access token, as each request does. Clients and server share one process, so the delays include the clients'.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const forMs = quick ? 2_000 : 8_000;
  try {
    const tenant = await openTenant(site.services, weft.url, "logins");
    const names: string[] = [];
    for (let index = 0; index < parallel; index++) {
      const email = `user${index}@logins.example`;
      await createUserWithRoles(site.services, tenant.id, { email, name: `User ${index}`, password, roles: ["viewer"] });
      names.push(email);
    }
    const client = new ApiClient(weft.url);
    const logIn = async (name: string): Promise<string> => {
      const answer = await client.run<{ login: { accessToken: string; user: { id: string } } }>(login, {
        input: { login: name, password },
      });
      if (!answer.login.user.id.startsWith("usr_")) throw new Error("The login has no user.");
      return answer.login.accessToken;
    };
    const read = async (token: string): Promise<void> => {
      const answer = await new ApiClient(weft.url, token).run<{ me: { id: string } }>(me);
      if (!answer.me.id.startsWith("usr_")) throw new Error("The answer has no user.");
    };
    // Tokens of sessions, which are all different.
    const tokens: string[] = [];
    for (const name of names) tokens.push(await logIn(name));
    for (const token of tokens) await read(token);
    const passwordHash = await hashPassword(password, config.passwordCost);

    const loop = async (operation: (worker: number, turn: number) => Promise<void>): Promise<Sample> => {
      const { perSecond, p50Ms, p99Ms } = await closedLoop(inFlight, forMs, operation);
      return { "per second": perSecond, "p50 ms": p50Ms, "p99 ms": p99Ms };
    };
    const burst = (operation: (index: number) => Promise<unknown>) => () =>
      withLag(async () => {
        const times: number[] = [];
        let refused = 0;
        await Promise.all(
          Array.from({ length: parallel }, async (_, index) => {
            const before = performance.now();
            // On a busy machine, the last ones wait for more than five seconds for a place to hash.
            const isDone = await operation(index).then(
              () => true,
              (error: unknown) => {
                if (error instanceof Error && error.message.startsWith("RATE_LIMITED")) return false;
                throw error;
              },
            );
            if (isDone) times.push(performance.now() - before);
            else refused++;
          }),
        );
        return { "p50 ms": percentile(times, 0.5), "p99 ms": percentile(times, 0.99), refused };
      });
    const contestants: Contestant[] = [
      {
        name: hashes,
        run: () =>
          loop(async () => {
            if (!(await verifyPassword(passwordHash, { password }, config.passwordCost))) throw new Error("The hash does not match.");
          }),
      },
      { name: logins, run: () => loop(async (worker, turn) => void (await logIn(names[(worker + turn * inFlight) % parallel] ?? ""))) },
      { name: loginBurst, run: burst((index) => logIn(names[index] ?? "")) },
      { name: readBurst, run: burst((index) => read(tokens[index] ?? "")) },
      { name: idle, run: () => withLag(() => new Promise<Sample>((resolve) => setTimeout(() => resolve({}), forMs / 4))) },
      { name: newTokens, run: () => verifications(tokens, quick ? 20 : 100, true) },
      { name: knownTokens, run: () => verifications(tokens, quick ? 20 : 100, false) },
    ];

    /** Verifies all tokens this many times. A new verifier has verified none of them. */
    async function verifications(given: readonly string[], repeats: number, isNew: boolean): Promise<Sample> {
      const times: number[] = [];
      let verify = await createTokenVerifier(site.services.keys);
      for (const token of given) await verify(token);
      for (let repeat = 0; repeat < repeats; repeat++) {
        if (isNew) verify = await createTokenVerifier(site.services.keys);
        for (const token of given) {
          const before = performance.now();
          const { tenantId } = await verify(token);
          times.push(performance.now() - before);
          if (tenantId !== tenant.id) throw new Error("The token is of another tenant.");
        }
      }
      return {
        "per second": (1_000 * times.length) / times.reduce((sum, time) => sum + time, 0),
        "p50 ms": percentile(times, 0.5),
        "p99 ms": percentile(times, 0.99),
      };
    }

    const rounds = await alternate(contestants, quick ? 3 : 5);
    const figures = ["per second", "p50 ms", "p99 ms", "refused", "event loop p99 ms", "event loop max ms"];
    return {
      title: `Logins  argon2id with ${config.passwordCost.memoryKib} KiB and ${config.passwordCost.passes} passes`,
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [
        name,
        ...figures.map((figure) => (Number.isNaN(medianOf(rounds, name, figure)) ? "–" : medianOf(rounds, name, figure))),
      ]),
      ratio: { what: "logins per second / hashes per second", value: ratioOf(rounds, "per second", logins, hashes), goal: "≥ 0.8" },
      notes: [
        "Clients, gateway, and subgraphs in one process; half of the cores hash passwords.",
        "The delay of the event loop includes the resolution of its timer, 1 ms.",
        "A token is verified for the first time once in each process; then its claims are known by its text until it expires.",
        "Every answer was checked.",
      ],
      rounds,
    };
  } finally {
    await weft.stop();
    await site.remove();
  }
}

/** Adds the delay of the event loop while something runs. */
async function withLag(measured: () => Promise<Sample>): Promise<Sample> {
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const sample = await measured();
  lag.disable();
  return { ...sample, "event loop p99 ms": lag.percentile(99) / 1e6, "event loop max ms": lag.max / 1e6 };
}
