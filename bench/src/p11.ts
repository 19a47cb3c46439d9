import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { composeSupergraph } from "@weft/gateway";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { request } from "undici";
import { assertBoard, boardQuery, fillBoard } from "./harness/tenants/board.js";
import { installPeer } from "./harness/systems/peer.js";
import { descendantsOf, firstAnswer, residentMiB, startProgram } from "./harness/systems/program.js";
import { processSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf, show } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { hostSubgraphs } from "./harness/systems/subgraph-host.js";
import { everythingViewer } from "./harness/tenants/viewer.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const whole = "the whole of Weft (supervisor, server)";
const hive = "Hive Gateway alone";
const bare = "Apollo Gateway alone";

/**
 * P11: measures the time from the start of the process to the first correct federated answer, and the memory a few seconds later. The database is
 * already running and migrated. Weft is a single process with its supervisor, from its bundle. The anchors are a bare Hive Gateway and a bare Apollo
 * Gateway with the same supergraph in front of subgraphs that are already running (in this process). The processor time counts all processes of a
 * contestant. On a machine with other work, it is the more precise figure.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  installPeer("bench/hive-gateway");
  // As `pnpm start` does after a change.
  execFileSync(process.execPath, ["scripts/bundle/cli.ts", "main", "server"], { cwd: root, stdio: "inherit" });
  const site = await startSite();
  const { services } = site;
  // Fills the database and serves the anchor's subgraphs.
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), services.keys);
  const weft = await startWeft({ config, keys: services.keys, log: services.log });
  let host: Awaited<ReturnType<typeof hostSubgraphs>> | undefined;
  try {
    const tenant = await openTenant(services, weft.url, "bench");
    await fillBoard(tenant);
    const expected = await tenant.admin.run(boardQuery);
    assertBoard(expected);
    const served = await hostSubgraphs(weft.subgraphs, weft.services, everythingViewer(tenant.id));
    host = served;
    const supergraph = join(site.folder, "supergraph.graphql");
    writeFileSync(supergraph, composeSupergraph(weft.subgraphs.map(({ name, sdl }) => ({ name, sdl, url: served.urlOf(name) }))));

    const start = async (name: string, path: string, env: Record<string, string>) => {
      const port = await findFreePort();
      const started = performance.now();
      const program = startProgram(path, { ...env, PORT: String(port) });
      try {
        await firstAnswer(program, async () => {
          const { body } = await request(`http://127.0.0.1:${port}/graphql`, {
            method: "POST",
            headers: { "content-type": "application/json", authorization: `Bearer ${tenant.admin.token}` },
            body: JSON.stringify({ query: boardQuery }),
          });
          const { data } = (await body.json()) as { data?: unknown };
          if (!isDeepStrictEqual(data, expected)) throw new Error(`${name} gave another answer: ${JSON.stringify(data).slice(0, 500)}`);
        });
        const startMs = performance.now() - started;
        const processorMs = processSeconds(descendantsOf(program.pid)) * 1000;
        await delay(quick ? 1_000 : 3_000);
        return { "start ms": startMs, "processor ms": processorMs, "idle MiB": residentMiB(program.pid) };
      } finally {
        await program.stop();
      }
    };
    const contestant = (name: string, path: string, env: Record<string, string>): Contestant => ({
      name,
      run: () => start(name, path, env),
    });
    // All use their own warm compile cache, because neither is reinstalled for each start. Weft's supervisor sets one automatically.
    const contestants = [
      contestant(bare, "bench/dist/processes/apollo-gateway.js", {
        SUPERGRAPH: supergraph,
        NODE_COMPILE_CACHE: join(site.folder, "anchor-cache"),
      }),
      contestant(hive, "bench/dist/processes/hive-gateway.js", {
        SUPERGRAPH: supergraph,
        NODE_COMPILE_CACHE: join(site.folder, "hive-cache"),
      }),
      contestant(whole, "dist/main.js", site.env),
    ];
    for (const { run: warmUp } of contestants) await warmUp();
    const rounds = await alternate(contestants, quick ? 3 : 5);
    const memory = ratioOf(rounds, "idle MiB", whole, hive);
    const byProcessor = ratioOf(rounds, "processor ms", whole, hive);
    const figures = ["start ms", "processor ms", "idle MiB"];
    return {
      title: "P11  from process start to the first correct federated answer (database running), and idle memory",
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [name, ...figures.map((figure) => medianOf(rounds, name, figure))]),
      ratio: {
        what: `start, Weft / ${hive}; by processor time ${show(byProcessor)}; memory ${show(memory)}`,
        value: ratioOf(rounds, "start ms", whole, hive),
        goal: "≤ 1.0 in time and memory",
      },
      notes: [
        "Weft's start includes its supervisor, the check that the database is migrated, five subgraphs and the worker; in production mode, so without the demo's seed.",
        `Correct: each start counted when the answer over three subgraphs was equal to the expected one. Memory: resident sets of all its processes, ${quick ? 1 : 3} s after that.`,
        `Weft / ${bare}: ${show(ratioOf(rounds, "start ms", whole, bare))}; by processor time ${show(ratioOf(rounds, "processor ms", whole, bare))}; memory ${show(ratioOf(rounds, "idle MiB", whole, bare))}.`,
      ],
      rounds,
    };
  } finally {
    await host?.close();
    await weft.stop();
    await site.remove();
  }
}
