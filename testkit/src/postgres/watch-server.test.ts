import { readPidFile } from "@weft/standalone/postgres/pid-file";
import { startPostgres } from "@weft/standalone/postgres/start";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgres } from "@weft/pg-driver";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../until.js";

test.for(["SIGTERM", "SIGKILL"] as const)(
  "a process that is ended by %s leaves neither its PostgreSQL server nor the data behind",
  { tags: "slow" },
  async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), "weft-watched-"));
    const dataDir = join(folder, "data");
    const { url } = await startPostgres({ dataDir, settings: { fsync: "off", shared_buffers: "32MB" } });
    // The sources can run directly, because they are one file without imports of ours.
    const program = `
    const { watchServer } = await import(${JSON.stringify(join(import.meta.dirname, "watch-server.ts"))});
    watchServer(${JSON.stringify(dataDir)});
    console.log("watched");
    setInterval(() => {}, 1_000);`;
    const bench = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void bench.kill("SIGKILL"));
    await once(bench.stdout, "data");
    expect(readPidFile(dataDir).kind).toBe("live");
    bench.kill(signal);
    await until(() => !existsSync(dataDir), { what: "server and data are gone" });
    const sql = postgres(url, { max: 1, connect_timeout: 5 });
    await expect(sql`select 1`).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await sql.end();
    rmSync(folder, { recursive: true });
  },
);
