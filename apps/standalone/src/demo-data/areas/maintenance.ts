import type { DemoArea } from "../area.js";
import type { Actor, MadeRequest } from "../actor.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";
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
    return random.shuffled(plans).map((plan, index) => {
      const fault = (plan.isLarge ? large : small).pop();
      if (fault === undefined) throw new Error("The demo defines fewer faults than maintenance requests.");
      return request(stage, plan, fault, index);
    });
  },
};

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

async function* request(stage: Stage, plan: Plan, fault: Fault, index: number): Story {
  const { random } = stage;
  const [requester, operations, manager] = [
    stage.as(random.pick(["requester", "requester", "sales", "dev"])),
    stage.as(index % 3 === 0 ? "ops" : "operations"),
    stage.as("manager"),
  ];
  const repair = repairOf(stage, fault);
  const days = pace(stage, plan);
  const [isCommented, comment, refusal] = [random.chance(0.4), random.pick(comments), random.pick(refusals)];
  let at = days.total;

  yield at;
  const made = await requester.create(requestOf(stage, fault));
  if (plan.end === "draft") return;
  yield (at -= days.submit);
  if (plan.end === "cancelled") return requester.cancel(made, "No longer needed, thank you.");
  await requester.submit(made);
  if (isCommented) await requester.comment(made.instanceId, comment);
  if (plan.end === "triage") return waitInQueue(operations, made, index);

  yield (at -= days.triage);
  if (plan.end === "rejected" && !plan.isLarge) return operations.complete(made.instanceId, "reject", { comment: refusal });
  await operations.complete(made.instanceId, plan.isLarge ? "escalate" : "approve");
  if (plan.end === "approval") return waitInQueue(manager, made, index);
  if (plan.isLarge) {
    yield (at -= days.approve);
    if (plan.end === "rejected") return manager.complete(made.instanceId, "reject", { comment: refusal });
    await manager.complete(made.instanceId, "approve");
  }

  yield (at -= days.assign);
  await operations.assign(made, repair.assignee);
  if (plan.end === "assigned") return;
  yield (at -= days.start);
  await repair.by.fire(made.instanceId, "start");
  if (plan.end === "in_progress") return;
  if (plan.end === "suspended") return manager.suspend(made.instanceId, "The spare part will arrive in three weeks.");
  yield (at -= days.complete);
  await repair.by.fire(made.instanceId, "complete", { input: { outcome: fault.outcome } });
  if (plan.end === "done") return;
  if (plan.end === "reopened") {
    yield (at -= days.reopen);
    await requester.fire(made.instanceId, "reopen", { comment: "The problem is back, exactly as before." });
    yield (at -= days.again);
    await repair.by.fire(made.instanceId, "complete", { input: { outcome: `${fault.outcome}; second visit` } });
  }
  yield at - days.close;
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
