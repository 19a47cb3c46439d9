import { describeMachine } from "./harness/machine.js";
import { publish, type BenchOptions, type Report } from "./harness/report.js";

// Loaded separately, so that a bench of the start does not include the imports of the others.
const benches: Readonly<Record<string, () => Promise<{ run(options: BenchOptions): Promise<Report> }>>> = {
  p1: () => import("./p1.js"),
  p2: () => import("./p2.js"),
  hot: () => import("./hot.js"),
  dbos: () => import("./dbos/transitions.js"),
  p8: () => import("./dbos/p8.js"),
  "external-steps": () => import("./dbos/external-steps.js"),
  p3: () => import("./p3.js"),
  p4: () => import("./p4.js"),
  p12: () => import("./audit/p12.js"),
  p11: () => import("./p11.js"),
  live: () => import("./live.js"),
  "fan-out": () => import("./fan-out.js"),
  streams: async () => ({ run: (await import("./fan-out.js")).runStreams }),
  metering: () => import("./metering.js"),
  people: () => import("./people.js"),
  timers: () => import("./timers.js"),
  p5: () => import("./reads/p5.js"),
  rest: () => import("./reads/rest.js"),
  lists: () => import("./lists.js"),
  queues: () => import("./queues.js"),
  statistics: () => import("./statistics/statistics.js"),
  tenants: () => import("./tenants.js"),
  p9: () => import("./jobs/p9.js"),
  p10: () => import("./fairness/p10.js"),
  crowd: () => import("./crowd/crowd.js"),
  abuse: () => import("./abuse.js"),
  plans: () => import("./plans.js"),
  webhooks: () => import("./webhooks/webhooks.js"),
  logins: () => import("./logins.js"),
  limits: () => import("./limits.js"),
  stored: () => import("./stored.js"),
  console: () => import("./console/console.js"),
};

const [name = "", ...flags] = process.argv.slice(2);
const load = benches[name];
const valueOf = (flag: string): string | undefined => flags.find((each) => each.startsWith(`${flag}=`))?.slice(flag.length + 1);
if (load === undefined || !flags.every((flag) => /^--quick$|^--skewed$|^--only=|^--(?:minutes|people)=\d+$/.test(flag))) {
  console.error(
    `Usage: pnpm bench NAME [--quick] [--skewed] [--only=PART] [--minutes=N] [--people=N]\nNAME is one of ${Object.keys(benches).join(", ")}. bench/RESULTS.md says what they measure.`,
  );
  process.exitCode = 2;
} else {
  const numberOf = (flag: string): number | undefined => {
    const value = valueOf(flag);
    return value === undefined ? undefined : Number(value);
  };
  const options = {
    quick: flags.includes("--quick"),
    only: valueOf("--only"),
    minutes: numberOf("--minutes"),
    people: numberOf("--people"),
    isSkewed: flags.includes("--skewed"),
  };
  const machine = describeMachine();
  const bench = await load();
  publish(name, await bench.run(options), machine, options);
  // Everything that the bench started has been stopped. Resources that a library left open must not keep the finished process running.
  process.exit();
}
