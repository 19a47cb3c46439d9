import { writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import { composeSupergraph } from "@weft/gateway";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { Pool } from "undici";
import { assertBoard, boardQuery, fillBoard } from "./harness/tenants/board.js";
import { askingAgain, type HttpAnswer } from "./harness/load/asking-again.js";
import { installPeer } from "./harness/systems/peer.js";
import { firstAnswer, type Program, residentMiB, startProgram } from "./harness/systems/program.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf, show } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { hostSubgraphs } from "./harness/systems/subgraph-host.js";
import { everythingViewer } from "./harness/tenants/viewer.js";

const connections = 32;

const weftGateway = "Weft's gateway";
const byHand = "scatter-gather by hand";
const hive = "Hive Gateway, router-runtime";
const stock = "Apollo Gateway as it comes";

/**
 * Reads before the first measurement. By processor time, compiling the hot paths costs as much as thousands of reads, which only a server that was
 * started a moment ago would notice. A program with less code is done earlier.
 */
const warmUpReads = 5_000;

/**
 * P3: a federated read of 20 requests × workflow × definition × 3 tasks × assignee over 32 connections, each with its own session, in front of the
 * same subgraphs (in this process, with cached answers). Measured per second of processor time of the gateway's process, so that neither the load
 * generator nor other processes count.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  installPeer("bench/hive-gateway");
  const site = await startSite();
  const { services } = site;
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), services.keys);
  const weft = await startWeft({ config, keys: services.keys, log: services.log });
  const programs: Program[] = [];
  let host: Awaited<ReturnType<typeof hostSubgraphs>> | undefined;
  try {
    const tenant = await openTenant(services, weft.url, "bench");
    await fillBoard(tenant);
    const tokens: string[] = [];
    for (let i = 0; i < connections; i++) tokens.push((await tenant.admin.again()).token);
    const expected = await tenant.admin.run(boardQuery);
    assertBoard(expected);

    const served = await hostSubgraphs(weft.subgraphs, weft.services, everythingViewer(tenant.id));
    host = served;
    const supergraph = join(site.folder, "supergraph.graphql");
    writeFileSync(supergraph, composeSupergraph(weft.subgraphs.map(({ name, sdl }) => ({ name, sdl, url: served.urlOf(name) }))));
    const calls = (): number => [...served.calls.values()].reduce((sum, count) => sum + count, 0);
    const urls = Object.fromEntries(weft.subgraphs.map(({ name }) => [name, served.urlOf(name)]));
    const weftUrls = Object.fromEntries(weft.subgraphs.map(({ name }) => [`WEFT_SUBGRAPH_${name.toUpperCase()}_URL`, served.urlOf(name)]));

    const contestant = async (name: string, program: string, env: Record<string, string>): Promise<Contestant> => {
      const port = await findFreePort();
      const running = startProgram(program, { ...env, PORT: String(port) });
      programs.push(running);
      const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
      const ask = async (worker: number): Promise<HttpAnswer> => {
        const headers = { "content-type": "application/json", authorization: `Bearer ${tokens[worker]}` };
        const { statusCode, body } = await pool.request({
          path: "/graphql",
          method: "POST",
          headers,
          body: JSON.stringify({ query: boardQuery }),
        });
        return { status: statusCode, text: await body.text() };
      };
      const again = await firstAnswer(running, () => askingAgain(name, ask));
      const { first } = again;
      if (!isDeepStrictEqual((JSON.parse(first) as { data?: unknown }).data, expected))
        throw new Error(`${name} gave another answer: ${first.slice(0, 2_000)}`);
      const turn = async (forMs: number) => {
        const callsBefore = calls();
        const before = running.spentSeconds();
        const { done, refused, perSecond, p50Ms, p99Ms } = await again.loop(connections, forMs);
        const processorSeconds = running.spentSeconds() - before;
        return {
          "reads per processor second": done / processorSeconds,
          "reads/s": perSecond,
          "p50 ms": p50Ms,
          "p99 ms": p99Ms,
          "resident MiB": residentMiB(running.pid),
          "calls per read": (calls() - callsBefore) / done,
          refused,
        };
      };
      for (let reads = 0; reads < (quick ? 1_000 : warmUpReads);) {
        const { done, refused } = await again.loop(connections, 500);
        reads += done + refused;
      }
      return { name, run: () => turn(quick ? 2_000 : 6_000) };
    };
    const contestants = [
      await contestant(byHand, "bench/dist/processes/scatter-gather.js", { SUBGRAPHS: JSON.stringify(urls) }),
      await contestant(weftGateway, "gateway/dist/main.js", { ...site.env, ...weftUrls }),
      await contestant(hive, "bench/dist/processes/hive-gateway.js", { SUPERGRAPH: supergraph }),
      await contestant(stock, "bench/dist/processes/apollo-gateway.js", { SUPERGRAPH: supergraph }),
    ];
    const rounds = await alternate(contestants, quick ? 3 : 5);
    const figures = ["reads per processor second", "reads/s", "p50 ms", "p99 ms", "resident MiB", "calls per read", "refused"];
    const againstHive = ratioOf(rounds, "reads per processor second", weftGateway, hive);
    const memory = ratioOf(rounds, "resident MiB", weftGateway, hive);
    return {
      title: `P3  federated read, 20 requests × workflow × 3 tasks × assignee, ${connections} connections with a session each`,
      head: ["", ...figures, "against by hand"],
      rows: contestants.map(({ name }) => [
        name,
        ...figures.map((figure) => medianOf(rounds, name, figure)),
        ratioOf(rounds, "reads per processor second", name, byHand),
      ]),
      ratio: {
        what: `reads per processor second, Weft's gateway / by hand; / Hive Gateway ${show(againstHive)} (goal ≥ 3.0), memory ${show(memory)} (goal ≤ 0.6)`,
        value: ratioOf(rounds, "reads per processor second", weftGateway, byHand),
        goal: "≥ 0.45",
      },
      notes: [
        `Three hops each: requests, workflows, identity. An answer has ${JSON.stringify(expected).length} characters.`,
        "Correct: all give the same data, and every answer was compared. Refused answers do not count as reads. Weft's gateway also verifies the token, asks the database for the viewer and signs each call; the others do not.",
      ],
      rounds,
    };
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await host?.close();
    await weft.stop();
    await site.remove();
  }
}
