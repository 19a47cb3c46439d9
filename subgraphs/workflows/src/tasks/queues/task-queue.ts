import { workflows } from "@weft/drizzle";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import {
  isCandidate,
  isFirstOfVote,
  isOwnVote,
  type Offer,
  offersTo,
  offersToTeams,
  visibleOffers,
  visibleTasks,
} from "@weft/platform/access";
import { asksFor, type FilterValue } from "@weft/api/filters";
import { and, arrayOverlaps, eq, isNull, lt, or, sql, type SQL } from "drizzle-orm";
import { registerEnumType } from "type-graphql";
import { waits, type TaskSource } from "./offered.js";
import { TaskStatus } from "../task.type.js";

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
  description: "Queues of tasks. Finished tasks (COMPLETED, CLOSED) are in a queue only if the filter asks for a `status`.",
  valuesConfig: {
    MINE: { description: "Tasks that you have claimed and not completed." },
    OFFERED_TO_ME: {
      description:
        "Tasks that you have claimed, that are offered to you or to one of your roles or teams, that name a user for whom you are the substitute, or that wait for your answer. An open vote is listed once, until you have voted.",
    },
    TEAM: {
      description: "Tasks offered to one of your teams, whoever has claimed them. An open vote is listed once, until you have voted.",
    },
    UNASSIGNED: {
      description:
        "Unclaimed tasks: those offered to you, or all for users who can see all tasks. An open vote is listed once; if it is offered to you, until you have voted.",
    },
    OVERDUE: {
      description:
        "Overdue tasks: those offered to you, or all for users who can see all tasks. Earliest deadline first. An open vote is listed once, in addition to its claimed tasks.",
    },
    NO_CANDIDATES: {
      description: "Tasks without candidates that nobody has claimed. Visible only to users who can assign tasks (`task.assign`).",
    },
  },
});

/** Returns the tasks of a queue that the viewer can see and that match the condition. */
export function queueOf(viewer: Viewer, queue: TaskQueue, filter?: FilterValue | null, condition?: SQL): TaskSource {
  const isOpenToAll = asksForStatus(filter);
  const isWaiting = isOpenToAll ? undefined : waits;
  /** Tasks of an offer. If finished tasks are included, which the indexes of offers do not contain, tasks that match `otherwise`. */
  const offered = (offer: Offer, otherwise: SQL, ...of: (SQL | undefined)[]): TaskSource =>
    isOpenToAll
      ? seen(viewer, and(otherwise, ...of, isOver(isInHandsOf(offer), isOwnVote(viewer, offer)), condition))
      : {
          where: and(visibleTasks(viewer, "task.read"), ...of, condition),
          offered: { offer, where: [visibleOffers(viewer, "task.read"), isOwnVote(viewer, offer), ...of, condition] },
        };
  /** For viewers who cannot see all tasks, searches the tasks offered to them instead of all waiting tasks. */
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
        and(sql`${tasks.queueKey} = 'none'`, isNull(tasks.assigneeId), isWaiting, visibleTasks(viewer, "task.assign"), condition),
      );
    default:
      throw new Error(`unknown queue ${String(queue satisfies never)}`);
  }
}

/** Returns the tasks that the viewer can see and that match the condition. */
export const seen = (viewer: Viewer, condition?: SQL): TaskSource => ({ where: and(visibleTasks(viewer, "task.read"), condition) });

/** Returns a condition that a task is over or one of the conditions holds. Finished tasks are listed completely, including all votes. */
const isOver = (...otherwise: (SQL | undefined)[]): SQL | undefined => or(sql`not (${waits})`, ...otherwise);

/** Claimed by one of the offer's people, or waiting for their answer. These count regardless of votes. */
const isInHandsOf = ({ people }: Offer): SQL | undefined =>
  people ? sql`(${tasks.assigneeId} = any(${people}) or ${tasks.askedId} = any(${people}))` : undefined;

/** Returns whether a filter can match finished tasks: it has a condition on the status other than a list of waiting statuses. */
function asksForStatus(filter: FilterValue | null | undefined): boolean {
  const { eq: one, in: several } = (filter?.status ?? {}) as { readonly eq?: unknown; readonly in?: unknown };
  const isOfWaiting = (status: unknown): boolean => status === TaskStatus.OPEN || status === TaskStatus.CLAIMED;
  return asksFor("status", filter) && !isOfWaiting(one) && !(Array.isArray(several) && several.every(isOfWaiting));
}
