import type { DemoArea } from "../area.js";
import type { Actor, MadeRequest } from "../actor.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";
import { offerRepair, talkAbout, type Course } from "./maintenance-talk.js";
import { type Fault, largeFaults, refusals, comments, ratings, smallFaults } from "./maintenance-texts.js";

/** The current state of a request, and whether a manager decides on it. */
interface Plan {
  readonly end:
    | "draft"
    | "triage"
    | "approval"
    | "assigned"
    | "in_progress"
    | "suspended"
    | "done"
    | "closed"
    | "reopened"
    | "rejected"
    | "cancelled";
  readonly isLarge: boolean;
}

const times = (count: number, end: Plan["end"], isLarge = false): Plan[] => Array.from({ length: count }, () => ({ end, isLarge }));

/** 42 requests. The number of large ones equals the number of texts for large faults. */
const plans: readonly Plan[] = [
  ...times(3, "draft"),
  ...times(5, "triage"),
  ...times(3, "approval", true),
  ...times(3, "assigned"),
  ...times(3, "in_progress"),
  ...times(1, "suspended", true),
  ...times(2, "done"),
  ...times(10, "closed"),
  ...times(3, "closed", true),
  ...times(2, "reopened"),
  ...times(2, "rejected"),
  ...times(2, "rejected", true),
  ...times(3, "cancelled"),
];

export const maintenance: DemoArea = {
  name: "maintenance requests",
  stories(stage) {
    const { random } = stage;
    const [small, large] = [random.shuffled(smallFaults), random.shuffled(largeFaults)];
    const made = new Map<string, MadeRequest>();
    return random.shuffled(plans).map((plan, index) => {
      const fault = (plan.isLarge ? large : small).pop();
      if (fault === undefined) throw new Error("The demo defines fewer faults than maintenance requests.");
      return story(stage, { plan, fault, index, made });
    });
  },
};

interface Planned {
  readonly plan: Plan;
  readonly fault: Fault;
  readonly index: number;
  /** Requests that have been created, by their summary. */
  readonly made: Map<string, MadeRequest>;
}

/** The request takes its course, and people talk about it. */
async function* story(stage: Stage, planned: Planned): Story {
  const course = yield* request(stage, planned);
  if (course) yield* talkAbout(planned.fault.summary, course, stage);
}

/** Duration of each step in days. Steps that the request has not reached take no time. */
function pace({ random }: Stage, { end, isLarge }: Plan) {
  const has = (...ends: Plan["end"][]): boolean => ends.includes(end);
  const isDecided = !has("draft", "triage", "approval", "cancelled");
  const isAssigned = isDecided && !has("rejected");
  const isStarted = isAssigned && !has("assigned");
  const isDone = isStarted && !has("in_progress", "suspended");
  const days = {
    submit: has("draft") ? 0 : random.between(0.05, 0.6),
    triage: has("draft", "triage", "cancelled") ? 0 : random.between(0.2, 2.2),
    approve: isDecided && isLarge ? random.between(0.5, 3.5) : 0,
    assign: isAssigned ? random.between(0.05, 0.8) : 0,
    start: isStarted ? random.between(0.4, 3) : 0,
    complete: isDone ? random.between(0.5, 5) : 0,
    reopen: has("reopened") ? random.between(1, 6) : 0,
    again: has("reopened") ? random.between(0.5, 2) : 0,
    close: has("closed", "reopened") ? random.between(0.3, 3) : 0,
  };
  const worked = Object.values(days).reduce((sum, one) => sum + one, 0);
  // Finished requests may have ended long ago. Waiting requests have only waited for a limited time.
  const rest = has("closed", "reopened", "rejected", "cancelled")
    ? random.between(2, 89 - worked)
    : random.between(0.1, end === "suspended" ? 12 : 5);
  return { ...days, total: worked + rest };
}

/** @returns where the request is today; undefined for a draft, and for one that was cancelled at once */
async function* request(stage: Stage, { plan, fault, index, made: all }: Planned): AsyncGenerator<number, Course | undefined, void> {
  const { random } = stage;
  const [requester, operations] = [
    stage.as(random.pick(["requester", "requester", "sales", "dev"])),
    stage.as(index % 3 === 0 ? "ops" : "operations"),
  ];
  const repair = repairOf(stage, fault);
  const days = pace(stage, plan);
  const [isCommented, comment, refusal] = [random.chance(0.4), random.pick(comments), random.pick(refusals)];

  yield days.total;
  const made = await requester.create(requestOf(stage, fault));
  all.set(fault.summary, made);
  if (plan.end === "draft") return undefined;
  const course: Course = { at: days.total - days.submit, made, requester, operations, others: all };
  yield course.at;
  if (plan.end === "cancelled") {
    await requester.cancel(made, "No longer needed, thank you.");
    return undefined;
  }
  await requester.submit(made);
  if (isCommented) await requester.comment(made.instanceId, comment);
  yield* takeCourse(stage, course, { plan, fault, index, days, refusal, repair });
  return course;
}

interface Rest extends Pick<Planned, "plan" | "fault" | "index"> {
  readonly days: ReturnType<typeof pace>;
  readonly refusal: string;
  readonly repair: ReturnType<typeof repairOf>;
}

/** From the triage of the request until its end. */
async function* takeCourse(stage: Stage, course: Course, { plan, fault, index, days, refusal, repair }: Rest): Story {
  const { made, requester, operations } = course;
  const manager = stage.as("manager");
  const later = (more: number): number => (course.at -= more);
  if (plan.end === "triage") return waitInQueue(operations, made, index);

  yield later(days.triage);
  if (plan.end === "rejected" && !plan.isLarge) return operations.complete(made.instanceId, "reject", { comment: refusal });
  await operations.complete(made.instanceId, plan.isLarge ? "escalate" : "approve");
  if (plan.end === "approval") return waitInQueue(manager, made, index);
  if (plan.isLarge) {
    yield later(days.approve);
    if (plan.end === "rejected") return manager.complete(made.instanceId, "reject", { comment: refusal });
    await manager.complete(made.instanceId, "approve");
  }

  yield later(days.assign);
  if (!(await offerRepair(stage, operations, made, fault.summary))) await operations.assign(made, repair.assignee);
  if (plan.end === "assigned") return;
  yield later(days.start);
  await repair.by.fire(made.instanceId, "start");
  if (plan.end === "in_progress") return;
  if (plan.end === "suspended") return manager.suspend(made.instanceId, "The spare part will arrive in three weeks.");
  yield later(days.complete);
  await repair.by.fire(made.instanceId, "complete", { input: { outcome: fault.outcome } });
  if (plan.end === "done") return;
  if (plan.end === "reopened") {
    yield later(days.reopen);
    await requester.fire(made.instanceId, "reopen", { comment: "The problem is back, exactly as before." });
    yield later(days.again);
    await repair.by.fire(made.instanceId, "complete", { input: { outcome: `${fault.outcome}; second visit` } });
  }
  yield later(days.close);
  await requester.fire(made.instanceId, "close");
  // Not chosen at random: the other stories keep their numbers.
  if ("vendorId" in repair.assignee)
    await requester.rate(made, ratings[plan.end === "reopened" ? 0 : index % ratings.length] ?? ratings[0]);
}

const requestOf = ({ buildings, assets }: Stage, { summary, estimate, where }: Fault) => {
  const [buildingId, assetId] = [buildings.get(where), assets.get(where)];
  return {
    typeKey: "maintenance",
    data: { summary, estimate },
    ...(buildingId !== undefined && { buildingId }),
    ...(assetId !== undefined && { assetId }),
  };
};

/** Elevators and large faults go to the vendor, the rest to a technician or to the technician's team. */
function repairOf(stage: Stage, { where, estimate }: Fault) {
  if (where === "ELV-1" || estimate > 5_000) return { by: stage.as("tech"), assignee: { vendorId: stage.vendorId } };
  const [technician, facilities] = [stage.as("technical"), stage.teams.get("facilities")];
  const assignee = facilities !== undefined && stage.random.chance(0.5) ? { teamId: facilities } : { userId: technician.id };
  return { by: technician, assignee };
}

/** Some of the waiting tasks have been claimed and commented on. */
async function waitInQueue(actor: Actor, { instanceId }: MadeRequest, index: number): Promise<void> {
  if (index % 2 === 0) return;
  await actor.claim(instanceId);
  await actor.commentOnTask(instanceId, "I will take a look on site first.");
}
