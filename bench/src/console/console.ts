import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { openBrowser } from "@weft/testkit/browser/open-browser";
import { settle } from "@weft/testkit/cost/sliced";
import { newBeacon } from "@weft/testkit/tenants/beacon";
import { aMaintenanceTenant } from "@weft/testkit/tenants/maintenance-tenant";
import { postgres } from "@weft/pg-driver";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf } from "../harness/rounds.js";
import { openTenant, startSite } from "../harness/systems/services.js";
import { copyRequests, writeComments } from "../harness/tenants/many-requests.js";
import { openQueueCompany } from "../harness/tenants/queue-company.js";
import { inboxTurn } from "./inbox.js";
import { listsTurn } from "./long-lists.js";
import { sizes } from "./sizes.js";
import { playDay } from "./wall.js";
import { openAs } from "./window.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const usableLimitMs = 800;
const consoleName = "the console";
const kib = (bytes: number): number => Math.round(bytes / 1024);

/**
 * Measures what users of the console wait for, in Chromium on this machine: the load after a reload, opening a task, a move of somebody else, the frames
 * of a long list, a long history, and the memory of a wall.
 */
export async function run({ quick, minutes = quick ? 0.5 : 10 }: BenchOptions): Promise<Report> {
  await promisify(execFile)(process.execPath, ["apps/console/build/build.ts"], { cwd: root });
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0", WEFT_MODE: "demo", WEFT_CONSOLE: "on" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const browser = await openBrowser();
  const count = quick ? { tasks: 2_000, requests: 5_000, entries: 2_000 } : { tasks: 10_000, requests: 100_000, entries: 20_000 };
  const address = `${weft.url}/console/`;
  try {
    const queues = await openTenant(site.services, weft.url, "queues");
    // Half of the tasks wait.
    const { people } = await openQueueCompany(owner, queues, { name: "queues", count: 2 * count.tasks, sizes: "even" });
    const colleague = await queues.user("approver");
    const story = await aMaintenanceTenant({ tenant: () => openTenant(site.services, weft.url, "requests") });
    const [copied, discussed] = [await story.request("triage"), await story.request("triage")];
    await copyRequests(owner, { tenantId: story.tenant.id, request: copied }, count.requests);
    await writeComments(owner, { tenantId: story.tenant.id, request: discussed }, count.entries);
    await settle(owner);
    const [inbox, list, history, wall] = [await browser.page(), await browser.page(), await browser.page(), await browser.page()];
    await openAs(inbox, `${address}inbox`, people.approver.user, ".row");
    await openAs(list, `${address}requests`, story.operations, ".request-row");
    await openAs(history, `${address}requests/${discussed.id}?tab=history`, story.operations, ".entries");
    const contestants: Contestant[] = [
      {
        name: consoleName,
        run: async () => ({
          ...(await inboxTurn(inbox, { colleague, opened: quick ? 10 : 40, reloads: quick ? 3 : 10 })),
          ...(await listsTurn({ list, history, frames: quick ? 100 : 1_000 })),
        }),
      },
    ];
    const rounds = await alternate(contestants, quick ? 1 : 3);
    for (const page of [inbox, list, history]) await page.goto("about:blank");
    const beacon = await newBeacon(await openTenant(site.services, weft.url, "wall"));
    await openAs(wall, `${address}dashboard/wall`, beacon.user, ".wall-status");
    const day = await playDay(wall, beacon, minutes);
    const [early = 0, late = 0] = [day.heaps[1], day.heaps.at(-1)];
    const errors = [inbox, list, history, wall].flatMap((page) => page.consoleErrors);
    if (errors.length > 0) throw new Error(`The pages have logged errors:\n${errors.join("\n")}`);
    const figures = Object.keys(rounds.get(consoleName)?.[0] ?? {});
    return {
      title: `Console  ${count.tasks} open tasks, ${count.requests} requests, a history of ${count.entries}; Chromium and server on the same cores`,
      head: ["", consoleName],
      rows: [
        ...figures.map((figure) => [figure, medianOf(rounds, consoleName, figure)]),
        [`wall: heap after a fifth of ${day.events} events KiB`, kib(early)],
        ["wall: heap after all of them KiB", kib(late)],
        ...sizes(),
      ],
      ratio: {
        what: `inbox usable after a reload / the limit of ${usableLimitMs} ms`,
        value: medianOf(rounds, consoleName, "inbox usable ms") / usableLimitMs,
        goal: "≤ 1.0",
      },
      notes: [
        "Usable: the rows of the list are shown. Opened: the decisions of a task are shown, by the clock of the page, from the click on.",
        "Move: from the call of claimTask by somebody else to the changed list in the window, with the time of the call.",
        "Longest task: of the page's thread, after the list is shown, while tasks are opened. 0: none took 50 ms.",
        `Wall: played in ${minutes} minutes; the heap is measured after garbage collection.`,
        "Correct: no page logged an error.",
      ],
      rounds,
    };
  } finally {
    await browser.close();
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}
