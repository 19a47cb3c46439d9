import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDatabase } from "@weft/standalone/postgres/database";
import { startPostgres, type StartPostgresOptions } from "@weft/standalone/postgres/start";
import { standaloneProcess } from "../processes/standalone-process.js";
import { until } from "../until.js";
import { type OwnPostgres, startOwnPostgres } from "./own-postgres.js";
import { forgetSeed, noteSeed } from "./seeds.js";

/** In the temporary folder of the run, which its workers share. */
const folder = (): string => join(tmpdir(), "weft-seeded");
const [cluster, dataDir, ready] = ["postgres", "data", "ready"];

/**
 * Starts a server of its own, as `startOwnPostgres` does, whose database `weft` is migrated and has the minimal demo data. One is made per run, and
 * copied. A `standaloneProcess` on it gets a copy of the data directory, too, because the keys belong to the data.
 */
export async function startSeededPostgres(settings: StartPostgresOptions["settings"] = {}): Promise<OwnPostgres> {
  await made();
  const own = await startOwnPostgres(settings, join(folder(), cluster));
  noteSeed(own.port, join(folder(), dataDir));
  return {
    ...own,
    remove: async () => {
      forgetSeed(own.port);
      await own.remove();
    },
  };
}

/** Makes the data that is copied, or waits until another worker has. */
async function made(): Promise<void> {
  try {
    mkdirSync(folder());
  } catch {
    await until(() => existsSync(join(folder(), ready)), { what: "another worker has made the demo data", deadlineMs: 240_000 });
    return;
  }
  const server = await startPostgres({ dataDir: join(folder(), cluster), settings: { fsync: "off" } });
  await ensureDatabase(server.url, "weft");
  const ownerUrl = Object.assign(new URL(server.url), { pathname: "/weft" }).href;
  const weft = await standaloneProcess({
    program: "server",
    settings: { DATABASE_OWNER_URL: ownerUrl, WEFT_DATA_DIR: join(folder(), dataDir) },
  });
  try {
    await weft.start();
  } finally {
    await weft.remove();
    await server.stop();
  }
  writeFileSync(join(folder(), ready), "");
}
