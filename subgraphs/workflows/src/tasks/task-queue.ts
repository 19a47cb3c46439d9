import { workflows } from "@weft/drizzle";
import {
  asksFor,
  isCandidate,
  isFirstOfVote,
  isOwnVote,
  offersTo,
  offersToTeams,
  reachesAll,
  visibleOffers,
  visibleTasks,
  type FilterValue,
  type Offer,
  type Viewer,
} from "@weft/shared";
import { and, arrayOverlaps, eq, isNull, lt, or, sql, type SQL } from "drizzle-orm";
import { registerEnumType } from "type-graphql";
import { waits, type TaskSource } from "./offered.js";
import { TaskStatus } from "./task.type.js";

const { tasks } = workflows;

export enum TaskQueue {
  MINE = "MINE",
  OFFERED_TO_ME = "OFFERED_TO_ME",
  TEAM = "TEAM",
  UNASSIGNED = "UNASSIGNED",
  OVERDUE = "OVERDUE",
  NO_CANDIDATES = "NO_CANDIDATES",
}
registerEnumType(TaskQueue, {
  name: "TaskQueue",
  description: "Whose work a list of tasks shows. What is over (COMPLETED, CLOSED) is in a queue only when the filter asks for a `status`.",
  valuesConfig: {
    MINE: { description: "What I have claimed and not completed." },
    OFFERED_TO_ME: {
      description:
        "What I have claimed, what is offered to one of my roles, my teams or me, what names somebody for whom I stand in, and what waits for an answer of mine. An open vote is listed once, until I have voted.",
    },
    TEAM: {
      description: "What is offered to one of my teams, whoever has claimed it. An open vote is listed once, until I have voted.",
    },
    UNASSIGNED: {
      description:
        "What nobody has claimed: of what is offered to me, or of everything for users who see all tasks. An open vote is listed once; of what is offered to me, until I have voted.",
    },
    OVERDUE: {
      description:
        "What should have been done by now, of what is offered to me, or of everything for users who see all tasks; what is due longest comes first. An open vote is listed once, in addition to its tasks that somebody has claimed.",
    },
    NO_CANDIDATES: { description: "What is offered to nobody and claimed by nobody; only who may assign tasks (`task.assign`) sees any." },
  },
});

/** The tasks of a queue that the viewer may see, of those the ones for which the condition holds. */
export function queueOf(viewer: Viewer, queue: TaskQueue, filter?: FilterValue | null, condition?: SQL): TaskSource {
  const isOpenToAll = asksForStatus(filter);
  const isWaiting = isOpenToAll ? undefined : waits;
  /** Those that are offered so; where what is over counts too, which no index of offers knows, those for which this holds. */
  const offered = (offer: Offer, otherwise: SQL, ...of: (SQL | undefined)[]): TaskSource =>
    isOpenToAll
      ? seen(viewer, and(otherwise, ...of, isOver(isInHandsOf(offer), isOwnVote(viewer, offer)), condition))
      : {
          where: and(visibleTasks(viewer, "task.read"), ...of, condition),
          offered: { offer, where: [visibleOffers(viewer, "task.read"), isOwnVote(viewer, offer), ...of, condition] },
        };
  /** Who does not see all tasks looks among those that are offered to him, not among all that wait. */
  const ofConcern = (...of: (SQL | undefined)[]): TaskSource =>
    reachesAll(viewer, "task.read")
      ? seen(viewer, and(...of, isWaiting, isOpenToAll ? isOver(isFirstOfVote()) : isFirstOfVote(), condition))
      : offered(offersTo(viewer), isCandidate(viewer), ...of);
  switch (queue) {
    case TaskQueue.MINE:
      return seen(viewer, and(eq(tasks.assigneeId, viewer.userId), isWaiting, condition));
    case TaskQueue.OFFERED_TO_ME:
      return offered(offersTo(viewer), isCandidate(viewer));
    case TaskQueue.TEAM:
      return offered(
        offersToTeams(viewer),
        viewer.teamIds.length > 0 ? arrayOverlaps(tasks.candidateTeamIds, [...viewer.teamIds]) : sql`false`,
      );
    case TaskQueue.UNASSIGNED:
      return ofConcern(isNull(tasks.assigneeId), asksFor("status", filter) ? undefined : sql`${tasks.status} = 'OPEN'`);
    case TaskQueue.OVERDUE:
      return ofConcern(lt(tasks.dueOrder, sql`app.weft_now()`));
    case TaskQueue.NO_CANDIDATES:
      return seen(
        viewer,
        and(eq(tasks.queueKey, "none"), isNull(tasks.assigneeId), isWaiting, visibleTasks(viewer, "task.assign"), condition),
      );
    default:
      throw new Error(`unknown queue ${String(queue satisfies never)}`);
  }
}

/** The tasks that the viewer may see, of those the ones for which the condition holds. */
export const seen = (viewer: Viewer, condition?: SQL): TaskSource => ({ where: and(visibleTasks(viewer, "task.read"), condition) });

/** Whether a task is over, or one of the conditions holds: what is over is there whole, also of a vote. */
const isOver = (...otherwise: (SQL | undefined)[]): SQL | undefined => or(sql`not (${waits})`, ...otherwise);

/** Claimed by one of the people of the offer, or asked of them: theirs, whatever they have voted. */
const isInHandsOf = ({ people }: Offer): SQL | undefined =>
  people ? sql`(${tasks.assigneeId} = any(${people}) or ${tasks.askedId} = any(${people}))` : undefined;

/** Whether a filter may let pass what is over: it has a condition on the status, and not plainly one that only what waits fulfils. */
function asksForStatus(filter: FilterValue | null | undefined): boolean {
  const { eq: one, in: several } = (filter?.status ?? {}) as { readonly eq?: unknown; readonly in?: unknown };
  const isOfWaiting = (status: unknown): boolean => status === TaskStatus.OPEN || status === TaskStatus.CLAIMED;
  return asksFor("status", filter) && !isOfWaiting(one) && !(Array.isArray(several) && several.every(isOfWaiting));
}
