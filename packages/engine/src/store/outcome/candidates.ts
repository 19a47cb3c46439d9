/** People whose IDs come from the data: keeps only existing users and teams, so that no task waits unnoticed for nobody. */
import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { inArray, sql } from "drizzle-orm";
import type { Principal } from "../../core/model/actor.js";
import type { CandidateChange } from "../../core/model/candidate-change.js";
import type { Outcome, TaskToOpen } from "../../core/model/outcome.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";

/**
 * Returns the outcomes with the tasks that are really opened: IDs without an active user of the organization or a team are removed. The task stays
 * for its other candidates, or without any. An action that would assign the instance to such an ID assigns it to nobody. Runs a statement only if a
 * definition reads candidates from the data, or assigns.
 */
export async function withKnownPeople(tx: Tx, outcomes: readonly [Outcome, ...Outcome[]]): Promise<readonly [Outcome, ...Outcome[]]> {
  const tasks = outcomes.flatMap(({ openTasks }) => openTasks.filter((task) => task.isFromData));
  const assignees = outcomes.flatMap((outcome) => (isByAction(outcome) ? [outcome.assignee.id] : []));
  if (tasks.length === 0 && assignees.length === 0) return outcomes;
  await lockTeams(tx, outcomes);
  const candidates = tasks.flatMap(({ candidates: { users, teams } }) => [...users, ...teams]);
  // Tasks that the same chain opens have not been checked yet, so neither have the others to whom an assignment offers them.
  const offered = outcomes.flatMap(({ offers = [] }) => offers.filter(isOfChain).flatMap(idsOf));
  const known = await selectKnown(tx, [...new Set([...candidates, ...assignees, ...offered])]);
  const isKnown = (id: string): boolean => known.has(id);
  const checked = (task: TaskToOpen): TaskToOpen => {
    if (!task.isFromData) return task;
    const { users, teams } = task.candidates;
    return { ...task, candidates: { ...task.candidates, users: users.filter(isKnown), teams: teams.filter(isKnown) } };
  };
  const [first, ...rest] = outcomes.map((outcome) => ({
    ...outcome,
    openTasks: outcome.openTasks.map(checked),
    ...(outcome.offers && { offers: outcome.offers.map((offer) => (isOfChain(offer) ? only(offer, isKnown) : offer)) }),
    ...(isByAction(outcome) && !isKnown(outcome.assignee.id) && toNobody(outcome)),
  }));
  return first ? [first, ...rest] : outcomes;
}

/** Whether an action assigns the instance to somebody. Users, who choose from people that exist, are answered with a refusal. */
const isByAction = (outcome: Outcome): outcome is Outcome & { readonly assignee: Principal } =>
  outcome.kind === "assign" && outcome.isAutomatic && outcome.assignee !== null;

function toNobody({ assignee, offers }: Outcome & { readonly assignee: Principal }): Pick<Outcome, "assignee" | "offers"> {
  const left = offers?.map((offer) => only(offer, (id) => id !== assignee.id));
  return { assignee: null, ...(left && { offers: left }) };
}

const only = (offer: CandidateChange, isWanted: (id: string) => boolean): CandidateChange => ({
  ...offer,
  candidateUserIds: offer.candidateUserIds.filter(isWanted),
  candidateTeamIds: offer.candidateTeamIds.filter(isWanted),
  assigneeId: offer.assigneeId !== null && isWanted(offer.assigneeId) ? offer.assigneeId : null,
});

const idsOf = ({ candidateUserIds, candidateTeamIds }: CandidateChange): string[] => [...candidateUserIds, ...candidateTeamIds];

/** Whether a task is opened by the same chain, and therefore named by version and place. */
const isOfChain = ({ id }: CandidateChange): boolean => /^\d+-\d+$/.test(id);

/** A concurrent deletion of a team that is assigned either comes first or sees this work, as with `assertPrincipal`. */
async function lockTeams(tx: Tx, outcomes: readonly Outcome[]): Promise<void> {
  const ids = outcomes.flatMap((outcome) => (isByAction(outcome) && outcome.assignee.type === "team" ? [outcome.assignee.id] : []));
  if (ids.length === 0) return;
  const { teams } = identity;
  await named(
    "lockAssignedTeams",
    tx.select({ id: teams.id }).from(teams).where(inArray(teams.id, ids)).orderBy(teams.id).for("key share"),
  );
}

/**
 * Returns which of the IDs can take work. A vendor user sees none of the organization's users, but an action can open work for them; never for the
 * vendor user.
 */
async function selectKnown(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return ids.length === 0 ? new Set() : withoutVendorScope(tx, () => selectThose(tx, ids));
}

async function selectThose(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { users, teams } = identity;
  const rows = await tx.execute<{ id: string }>(
    named(
      "selectKnownCandidates",
      sql`with named as (select unnest(${sql.param([...ids])}::uuid[]) as id)
        select n.id from named n
         where exists (select 1 from ${users} u where u.tenant_id = app.tenant() and u.id = n.id and u.status = 'ACTIVE' and u.vendor_id is null and u.type <> 'OPERATOR')
            or exists (select 1 from ${teams} t where t.tenant_id = app.tenant() and t.id = n.id and t.deleted_at is null)`,
    ),
  );
  return new Set(rows.map(({ id }) => id));
}
