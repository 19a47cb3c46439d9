import {
  compileCalendars,
  findCycle,
  ganttSvg,
  layOutGantt,
  previewShift,
  schedulePlan,
  type Plan,
  type PlanDependency,
  type PlanTask,
} from "@weft/engine";
import type { BenchOptions, Report } from "./harness/report.js";
import type { Sample } from "./harness/rounds.js";
import { median } from "./harness/statistics.js";
import { compareSizes } from "./harness/two-sizes.js";

const sizes = { small: 500, large: 5000 } as const;
const names = [`${sizes.small} tasks`, `${sizes.large} tasks`] as const;
const FORWARD = { direction: "FORWARD" } as const;
const BACKWARD = { direction: "BACKWARD" } as const;

/** How the tasks hang together: as in a usual plan, each on the one before it, in ten levels, or all on the first one. */
type Shape = "mixed" | "chain" | "tree" | "star";
const shapes = ["mixed", "chain", "tree", "star"] as const satisfies readonly Shape[];
type Plans = Readonly<Record<Shape, Plan>>;

/** Each returns a text that must be the same every time. The topological pass alone is what every schedule needs at least. */
const operations: Readonly<Record<string, (plans: Plans) => string>> = {
  "topological pass alone": ({ mixed }) => String(findCycle(mixed.tasks, mixed.dependencies)),
  "schedule a chain": ({ chain }) => summaryOf(schedulePlan(chain, FORWARD)),
  "schedule ten levels": ({ tree }) => summaryOf(schedulePlan(tree, FORWARD)),
  "schedule a star": ({ star }) => summaryOf(schedulePlan(star, FORWARD)),
  ...onMixed({
    "schedule forward": (plan) => summaryOf(schedulePlan(plan, FORWARD)),
    "schedule backward": (plan) => summaryOf(schedulePlan(plan, BACKWARD)),
    "preview a later start": (plan) => {
      const { finish, shiftedTasks } = previewShift(plan, { kind: "SHIFT", taskId: "t1", byMinutes: 2400 }, FORWARD);
      return `${finish.to} ${shiftedTasks.length}`;
    },
    "schedule and draw": (plan) => ganttSvg(layOutGantt(plan, schedulePlan(plan, FORWARD)), { timeZone: "Europe/Zurich", width: 1600 }),
  }),
};

function onMixed(given: Readonly<Record<string, (plan: Plan) => string>>): Readonly<Record<string, (plans: Plans) => string>> {
  return Object.fromEntries(Object.entries(given).map(([name, run]) => [name, ({ mixed }: Plans) => run(mixed)]));
}

const summaryOf = ({ startAt, finishAt, criticalPath, tasks }: ReturnType<typeof schedulePlan>): string =>
  `${startAt} ${finishAt} ${criticalPath.length} ${tasks.length}`;

/**
 * Plans: measures the processor time that schedules take. Plans of 500 and 5,000 tasks, a twentieth of them summary tasks, with one and a half times as
 * many dependencies of all kinds, over years with twelve holidays each; and as many tasks in a chain, in ten levels, and all after one. The time should grow with the number of tasks and dependencies, not faster.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const plans = [plansOf(sizes.small), plansOf(sizes.large)] as const;
  const expected = new Map<string, string>();
  const timeOf = (name: string, index: 0 | 1): number => {
    const before = process.cpuUsage();
    const answer = operations[name]?.(plans[index]) ?? "";
    const { user, system } = process.cpuUsage(before);
    const key = `${name} ${index}`;
    if (answer === "" || answer !== (expected.get(key) ?? answer)) throw new Error(`${name} of ${names[index]} gave another answer.`);
    expected.set(key, answer);
    return (user + system) / 1000;
  };
  const measure = (): Promise<ReadonlyMap<string, Sample>> => {
    const samples = new Map<string, Sample>(names.map((name) => [name, {}]));
    for (const operation of Object.keys(operations)) {
      const times = names.map((): number[] => []);
      for (let turn = 0; turn < (quick ? 3 : 7); turn++) for (const index of [0, 1] as const) times[index]?.push(timeOf(operation, index));
      for (const [index, name] of names.entries()) samples.set(name, { ...samples.get(name), [operation]: median(times[index] ?? []) });
    }
    return Promise.resolve(samples);
  };
  // The first round would measure the compiler.
  await measure();
  return compareSizes({
    title: "plans  processor time in ms",
    names,
    operations: Object.keys(operations),
    measure,
    rounds: quick ? 3 : 5,
    noun: "eight operations",
    goal: "≤ 15 (ten times as many tasks), and 5,000 tasks scheduled in less than 500 ms",
    notes: [
      `${sizes.large} tasks have ${plans[1].mixed.dependencies.length} dependencies; ${summaryOf(schedulePlan(plans[1].mixed, FORWARD))} (start, finish, tasks of the critical path, tasks).`,
      "Every answer was equal to the first one of its kind.",
    ],
  });
}

const plansOf = (size: number): Plans => Object.fromEntries(shapes.map((shape) => [shape, planOf(size, shape)])) as Plans;

/** The same plan for the same size, on every machine. */
function planOf(size: number, shape: Shape): Plan {
  let seed = 20_260_105;
  const below = (limit: number): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed % limit;
  };
  const parentOf = (index: number): number => {
    if (shape === "mixed") return index % 20 === 0 ? -1 : index - (index % 20);
    // Each of the first nine tasks contains the next one, and the ninth contains the others.
    return shape === "tree" ? Math.min(index - 1, 8) : -1;
  };
  const isSummary = (index: number): boolean => (shape === "mixed" && index % 20 === 0) || (shape === "tree" && index < 9);
  const tasks = Array.from({ length: size }, (_, index): PlanTask => ({
    id: `t${index}`,
    name: `Task ${index}`,
    parentId: parentOf(index) < 0 ? null : `t${parentOf(index)}`,
    durationMinutes: 60 * (1 + below(40)),
    constraint: { kind: "ASAP", at: null },
    deadlineAt: null,
    calendar: null,
    actualStartAt: null,
    actualFinishAt: null,
    percentComplete: 0,
    baseline: null,
  }));
  const dependencies: PlanDependency[] = [];
  for (let next = 1; dependencies.length < (shape === "mixed" ? size * 1.5 : size - 10); next++) {
    const from = shape === "mixed" ? below(size) : shape === "star" ? 0 : next - 1;
    const to = shape === "mixed" ? from + 1 + below(50) : next;
    const kind = (["FS", "SS", "FF", "SF"] as const)[below(4)] ?? "FS";
    if (to < size && !isSummary(from) && !isSummary(to))
      dependencies.push({ predecessorId: `t${from}`, successorId: `t${to}`, kind, lagMinutes: below(960) - 240 });
  }
  const hours = [
    { from: "08:00", to: "12:00" },
    { from: "13:00", to: "17:00" },
  ];
  const calendars = compileCalendars({
    timeZone: "Europe/Zurich",
    workingHours: Object.fromEntries(["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => [day, hours])),
    holidays: Array.from({ length: 60 }, (_, index) => ({
      date: `${2026 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}-15`,
    })),
    calendars: {},
  });
  return { name: "Bench", tasks, dependencies, calendars, startAt: "2026-01-05T07:00:00Z", finishAt: "2030-12-20T16:00:00Z" };
}
