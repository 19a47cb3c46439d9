import type { JsonObject } from "@weft/client";
import { useMemo } from "react";
import { useConflicts, type Conflict } from "../actions/use-conflicts.js";
import { useWork, type Action } from "../actions/use-action.js";
import { createLiveQuery, type Followed } from "../live/live-query.js";
import { useLiveState, type LiveQueryResult } from "../live/use-live-query.js";
import { useWeft } from "../provider/weft-provider.js";
import { workflowTransitioned } from "../transitions/transition-documents.js";
import { claimTask, completeTask, delegateTask, releaseTask, taskChanged, taskQuery } from "./task-documents.js";
import type { Task } from "./task.js";

export interface TaskOptions {
  /** Further fields of the task, as GraphQL: `attachments { edges { node { id } } }`. Write them as a constant. */
  readonly select?: string;
}

export interface CompleteTask {
  readonly transition: string;
  /** Answers to the form. */
  readonly input?: JsonObject | undefined;
  readonly comment?: string | undefined;
  /** Version of the instance that the user saw. Default: the one that the hook shows */
  readonly expectedVersion?: number | undefined;
}

export interface CompletedTask {
  readonly task: { readonly id: string; readonly status: Task["status"] };
  readonly instance: { readonly id: string; readonly version: number; readonly state: string; readonly stateTitle: string };
  /** Tasks that the user could do next. */
  readonly nextTasks: readonly { readonly id: string; readonly title: string }[];
}

interface ChangedTask {
  readonly id: string;
  readonly version: number;
}

export interface TaskResult<More> extends Omit<LiveQueryResult<unknown>, "data" | "reload"> {
  /** Null while it is loaded for the first time, and if the user cannot see it. */
  readonly task: (Task & More) | null;
  readonly claim: Action<void, ChangedTask>;
  readonly release: Action<void, ChangedTask>;
  readonly delegate: Action<{ readonly userId: string }, ChangedTask | null>;
  readonly complete: Action<CompleteTask, CompletedTask>;
  /** Set after an action that failed because somebody else was faster. The task has been loaded again: show what changed, and ask the user again. */
  readonly conflict: Conflict<Task & More> | null;
  readonly dismissConflict: () => void;
  readonly reload: () => Promise<(Task & More) | null>;
}

interface Loaded<More> {
  readonly liveCursor: string | null;
  readonly task: (Task & More) | null;
}

function sourcesOf({ task }: { readonly task: Task | null }, id: string): Followed[] {
  const instanceId = task?.instance?.id;
  return [
    {
      subscription: taskChanged,
      variables: {},
      concerns: (event) => (event as { taskChanged: { task: { id: string } } | null }).taskChanged?.task.id === id,
    },
    // The version of the instance belongs to what the user sees.
    ...(instanceId === undefined ? [] : [{ subscription: workflowTransitioned, variables: { instanceId }, concerns: () => true }]),
  ];
}

/** Loads a task, keeps it up to date, and changes it. Each change carries the version that the user sees. */
export function useTask<More = unknown>(id: string, { select = "" }: TaskOptions = {}): TaskResult<More> {
  const client = useWeft();
  const live = useMemo(
    () =>
      createLiveQuery<Loaded<More>>({
        client,
        query: taskQuery(select),
        variables: { id },
        follow: (data) => sourcesOf(data, id),
        previous: null,
      }),
    [client, id, select],
  );
  const { data, error, status, isLoading, reload: load } = useLiveState(live);
  const task = data?.task ?? null;
  const reload = useMemo(() => async () => (await load())?.task ?? null, [load]);
  const { conflict, dismiss, guard } = useConflicts({ shown: task, reload });

  const changed = async (document: string, input: JsonObject, idempotencyKey: string | undefined): Promise<unknown> => {
    const [payload] = Object.values(await guard(() => client.mutate(document, { input }, { idempotencyKey })));
    return payload;
  };
  const taskOf = async (payload: Promise<unknown>): Promise<ChangedTask> => ((await payload) as { task: ChangedTask }).task;
  return {
    task,
    error,
    status,
    isLoading,
    reload,
    conflict,
    dismissConflict: dismiss,
    claim: useWork((_, key) => taskOf(changed(claimTask, { id }, key)), id),
    release: useWork((_, key) => taskOf(changed(releaseTask, { id, expectedVersion: task?.version }, key)), id),
    delegate: useWork(({ userId }, key) => taskOf(changed(delegateTask, { id, userId, expectedVersion: task?.version }, key)), id),
    complete: useWork(async ({ expectedVersion = task?.instance?.version, ...given }, key) => {
      return (await changed(completeTask, { id, ...given, expectedVersion }, key)) as CompletedTask;
    }, id),
  };
}
