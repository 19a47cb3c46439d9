import type { RandomSource } from "../random-source.js";
import type { TestUser } from "../test-user.js";
import type { RequestRow } from "./request-rows.js";

/** Words of which no other begins with one, and of which none has another grammatical form. */
export const words = ["zorvak", "plimto", "quexel", "brunvi", "mirtok", "fastrel", "gondru", "hexipo"] as const;

/** A filter of requests, with its meaning. */
export interface Condition {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly holds: (row: RequestRow) => boolean;
  /** Whether users of a vendor are refused. */
  readonly isForStaff: boolean;
  /** Whether it needs workflow.read. */
  readonly isOfWorkflow: boolean;
  /** Whether it names the user. */
  readonly isPersonal: boolean;
}

const states = ["draft", "triage", "approval", "assigned", "in_progress", "done", "closed", "rejected", "cancelled", "reported", "open"];
const priorities = ["LOW", "NORMAL", "HIGH", "URGENT"];
const everybody = { isForStaff: false, isOfWorkflow: false, isPersonal: false } as const;

const textOf = ({ number, data, comments }: RequestRow): string => [number, ...Object.values(data), ...comments].join(" ").toLowerCase();

const kinds: readonly ((random: RandomSource, user: TestUser) => Condition)[] = [
  (random) => {
    const state = random.pick(states);
    return { ...everybody, filter: { state: { eq: state } }, holds: (row) => row.state === state };
  },
  (random) => {
    const some = random.some(states, 0.4);
    return { ...everybody, filter: { state: { in: some } }, holds: (row) => some.includes(row.state) };
  },
  (random) => {
    const status = random.pick(["RUNNING", "SUSPENDED", "COMPLETED", "CANCELLED"]);
    return { ...everybody, filter: { status: { eq: status } }, holds: (row) => row.status === status };
  },
  (random) => {
    const some = random.some(priorities, 0.5);
    return { ...everybody, filter: { priority: { in: some } }, holds: (row) => some.includes(row.priority) };
  },
  (random) => {
    const digit = String(random.below(10));
    return { ...everybody, filter: { number: { contains: digit } }, holds: (row) => row.number.includes(digit) };
  },
  (random) => {
    const version = 1 + random.below(8);
    return { ...everybody, filter: { version: { gte: version } }, holds: (row) => row.version >= version };
  },
  (random) => {
    const isNull = random.chance(0.5);
    return { ...everybody, filter: { dueAt: { isNull } }, holds: (row) => (row.dueAt === null) === isNull };
  },
  () => ({ ...everybody, filter: { impact: { ne: "LOW" } }, holds: (row) => row.impact !== "LOW" }),
  (random) => {
    const word = random.pick(words);
    return { ...everybody, filter: { search: { contains: word } }, holds: (row) => textOf(row).includes(word) };
  },
  (random) => {
    const tag = random.pick(words);
    return { ...everybody, isForStaff: true, filter: { tags: { has: tag } }, holds: (row) => row.tags.includes(tag) };
  },
  (_random, user) => ({ ...everybody, isPersonal: true, filter: { watcher: { eq: user.id } }, holds: (row) => row.viewerIsWatching }),
  (random) => {
    const state = random.pick(states);
    return {
      ...everybody,
      isOfWorkflow: true,
      filter: { workflow: { state: { eq: state } } },
      holds: (row) => row.workflow?.state === state,
    };
  },
];

/** Returns a random filter for a user: a condition, or a combination of several. */
export function someCondition(random: RandomSource, user: TestUser, depth = 2): Condition {
  if (depth === 0 || random.chance(0.4)) return random.pick(kinds)(random, user);
  const inner = [someCondition(random, user, depth - 1), someCondition(random, user, depth - 1)] as const;
  const [one, other] = inner;
  const either = {
    isForStaff: inner.some((each) => each.isForStaff),
    isOfWorkflow: inner.some((each) => each.isOfWorkflow),
    isPersonal: inner.some((each) => each.isPersonal),
  };
  switch (random.below(3)) {
    case 0:
      return { ...either, filter: { and: [one.filter, other.filter] }, holds: (row) => one.holds(row) && other.holds(row) };
    case 1:
      return { ...either, filter: { or: [one.filter, other.filter] }, holds: (row) => one.holds(row) || other.holds(row) };
    default:
      return { ...one, filter: { not: one.filter }, holds: (row) => !one.holds(row) };
  }
}
