// Stops the PostgreSQL server of a test run when the run has ended, and deletes its data. It is started without compilation and therefore imports
// nothing of ours. Its standard input ends with the run's process, however that process ends. A number on standard input is the number of minutes to
// keep the server running, so that the databases of failed files can be inspected.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const dataDir = process.argv[2] ?? "";
let said = "";
process.stdin.setEncoding("utf8");
for await (const chunk of process.stdin) said += String(chunk);
await delay(Number.parseInt(said || "0", 10) * 60_000);

const pidFile = join(dataDir, "postmaster.pid");
for (let attempt = 0; attempt < 600; attempt++) {
  try {
    const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
    // Only once: SIGINT requests PostgreSQL's fast shutdown.
    if (attempt === 0) process.kill(pid, "SIGINT");
    else process.kill(pid, 0);
  } catch {
    break;
  }
  await delay(100);
}
rmSync(dataDir, { recursive: true, force: true });
