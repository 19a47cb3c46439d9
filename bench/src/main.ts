import { describeMachine } from "./harness/machine.js";
import { publish, type BenchOptions, type Report } from "./harness/report.js";

// Loaded separately, so that a bench of the start does not include the imports of the others.
const benches: Readonly<Record<string, () => Promise<{ run(options: BenchOptions): Promise<Report> }>>> = {
  p1: () => import("./p1.js"),
  p2: () => import("./p2.js"),
  hot: () => import("./hot.js"),
  dbos: () => import("./dbos.js"),
  p3: () => import("./p3.js"),
  p4: () => import("./p4.js"),
  p12: () => import("./audit/p12.js"),
  p11: () => import("./p11.js"),
  live: () => import("./live.js"),
  "fan-out": () => import("./fan-out.js"),
  metering: () => import("./metering.js"),
  people: () => import("./people.js"),
  p5: () => import("./reads/p5.js"),
  lists: () => import("./lists.js"),
  queues: () => import("./queues.js"),
  tenants: () => import("./tenants.js"),
  abuse: () => import("./abuse.js"),
};

const [name = "", ...flags] = process.argv.slice(2);
const load = benches[name];
if (load === undefined || flags.some((flag) => flag !== "--quick" && !flag.startsWith("--only="))) {
  console.error(
    `Usage: pnpm bench NAME [--quick] [--only=PART]\nNAME is one of ${Object.keys(benches).join(", ")}. bench/RESULTS.md says what they measure.`,
  );
  process.exitCode = 2;
} else {
  const options = { quick: flags.includes("--quick"), only: flags.find((flag) => flag.startsWith("--only="))?.slice("--only=".length) };
  const machine = describeMachine();
  const bench = await load();
  publish(name, await bench.run(options), machine, options);
  // Everything that the bench started has been stopped. Resources that a library left open must not keep the finished process running.
  process.exit();
}
