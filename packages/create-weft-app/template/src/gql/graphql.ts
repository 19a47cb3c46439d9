/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Input of `createRequest`. */
export type CreateRequestInput = {
  /** Asset that the request is about. It must be in the building. */
  assetId?: string | number | null | undefined;
  /** Building that the request is about. If only an asset is given, the asset's building. */
  buildingId?: string | number | null | undefined;
  /** Fields of the type's `form`. */
  data?: unknown;
  /** ID in another system, unique among requests (at most 200 characters). Only for users of the organization. */
  externalId?: string | null | undefined;
  /** Idempotency key. Repeating the call with the same key returns the first result. */
  idempotencyKey?: string | null | undefined;
  /** Floor, room, or area that the request is about. It must be in the building. If only an asset is given, the asset's space. */
  spaceId?: string | number | null | undefined;
  /** Key of the request type, for example `maintenance`. */
  typeKey: string;
};

/** Conditions on a date-time. */
export type DateTimeFilter = {
  /** Later than this time. */
  gt?: string | null | undefined;
  /** At or after this time. */
  gte?: string | null | undefined;
  /** `true` matches missing values only; `false` matches existing values only. */
  isNull?: boolean | null | undefined;
  /** Earlier than this time. */
  lt?: string | null | undefined;
  /** At or before this time. */
  lte?: string | null | undefined;
};

/** Conditions on the ID of an object in another system. All given conditions must be met. */
export type ExternalIdFilter = {
  /** Equal to this value. */
  eq?: string | null | undefined;
  /** Equal to one of these values (at most 100). */
  in?: Array<string> | null | undefined;
  /** `true` matches objects without an external ID only; `false` matches those with one only. */
  isNull?: boolean | null | undefined;
};

/** Kinds of history entries. */
export type HistoryKind =
  /** The instance was assigned or unassigned. */
  | 'ASSIGNMENT'
  /** The instance was ended from outside its definition. */
  | 'CANCELLATION'
  /** One of the child instances ended. The instance waits for the others. */
  | 'CHILD'
  /** A user added a comment. */
  | 'COMMENT'
  /** The data changed, but not the state. */
  | 'DATA'
  /** The instance was stopped by an incident. */
  | 'INCIDENT'
  /** The instance was migrated to another version of its definition. */
  | 'MIGRATION'
  /** A user has decided how the instance continues. */
  | 'RESOLUTION'
  /** The instance was resumed. */
  | 'RESUMPTION'
  /** The instance was rolled back to an earlier state. `input` contains the target version. */
  | 'ROLLBACK'
  /** The instance was started. */
  | 'START'
  /** The instance was suspended. The comment contains the reason. */
  | 'SUSPENSION'
  /** The actions of a timer were run. `timer` contains its name. */
  | 'TIMER'
  /** A user fired a transition. */
  | 'TRANSITION'
  /** One of several tasks of the state was completed. The instance waits for the others. */
  | 'VOTE';

/** Conditions on an ID. */
export type IdFilter = {
  /** Equal to this value. */
  eq?: string | number | null | undefined;
  /** Equal to one of these values (at most 100). */
  in?: Array<string | number> | null | undefined;
  /** `true` matches missing values only; `false` matches existing values only. */
  isNull?: boolean | null | undefined;
  /** Not equal to this value. */
  ne?: string | number | null | undefined;
};

/** Conditions on a number. */
export type NumberFilter = {
  /** Equal to this value. */
  eq?: number | null | undefined;
  /** Greater than this value. */
  gt?: number | null | undefined;
  /** Greater than or equal to this value. */
  gte?: number | null | undefined;
  /** Equal to one of these values (at most 100). */
  in?: Array<number> | null | undefined;
  /** `true` matches missing values only; `false` matches existing values only. */
  isNull?: boolean | null | undefined;
  /** Less than this value. */
  lt?: number | null | undefined;
  /** Less than or equal to this value. */
  lte?: number | null | undefined;
  /** Not equal to this value. */
  ne?: number | null | undefined;
};

/** Priority of a request or a task. */
export type Priority =
  /** High. */
  | 'HIGH'
  /** Low. */
  | 'LOW'
  /** Normal: the default. */
  | 'NORMAL'
  /** Urgent: immediately. */
  | 'URGENT';

/** Conditions on a Priority. */
export type PriorityFilter = {
  /** Equal to this value. */
  eq?: Priority | null | undefined;
  /** Equal to one of these values. */
  in?: Array<Priority> | null | undefined;
  /** Not equal to this value. */
  ne?: Priority | null | undefined;
};

/** Filter conditions. All given conditions must be met. */
export type RequestFilter = {
  /** All of these filters match. */
  and?: Array<RequestFilter> | null | undefined;
  asset?: IdFilter | null | undefined;
  /** A user, a team, or a vendor. */
  assignee?: IdFilter | null | undefined;
  building?: IdFilter | null | undefined;
  /** Time when the work ended. `isNull: true` finds open requests, `isNull: false` closed, completed, rejected, and canceled ones. */
  closedAt?: DateTimeFilter | null | undefined;
  createdAt?: DateTimeFilter | null | undefined;
  createdBy?: IdFilter | null | undefined;
  /** Due date. Requests without one match only `isNull: true`. */
  dueAt?: DateTimeFilter | null | undefined;
  /** ID in another system. Only for users of the organization. */
  externalId?: ExternalIdFilter | null | undefined;
  /** Impact. Requests without one match only `ne`. */
  impact?: RequestLevelFilter | null | undefined;
  /** This filter does not match. */
  not?: RequestFilter | null | undefined;
  number?: StringFilter | null | undefined;
  /** At least one of these filters matches. */
  or?: Array<RequestFilter> | null | undefined;
  priority?: PriorityFilter | null | undefined;
  /** Full-text search in the number, the fields, and the comments that you can read. Each word, its beginning, or another grammatical form of it must occur. */
  search?: SearchFilter | null | undefined;
  /** Conditions that one SLA clock of the workflow meets. Clocks of workflows that you cannot read never match. */
  sla?: RequestSlaFilter | null | undefined;
  /** Floor, room, or area that the request is about. */
  space?: IdFilter | null | undefined;
  /** State of the workflow, for example `triage`. Definitions define their own states; an unknown state matches nothing. */
  state?: StringFilter | null | undefined;
  /** Status of the workflow. */
  status?: WorkflowStatusFilter | null | undefined;
  /** Tags. Users of a vendor cannot filter by tags. */
  tags?: TagsFilter | null | undefined;
  type?: IdFilter | null | undefined;
  typeKey?: StringFilter | null | undefined;
  updatedAt?: DateTimeFilter | null | undefined;
  /** Urgency. Requests without one match only `ne`. */
  urgency?: RequestLevelFilter | null | undefined;
  version?: NumberFilter | null | undefined;
  /** User who watches the request. Users of a vendor find only what they watch themselves. */
  watcher?: IdFilter | null | undefined;
  /** Conditions on the workflow. Workflows that you cannot read never match. */
  workflow?: RequestWorkflowFilter | null | undefined;
};

/** Levels of impact and urgency. */
export type RequestLevel =
  /** High: many users, or work has stopped. */
  | 'HIGH'
  /** Low: one user, or it can wait. */
  | 'LOW'
  /** Medium: several users, or work is slower. */
  | 'MEDIUM';

/** Conditions on a RequestLevel. */
export type RequestLevelFilter = {
  /** Equal to this value. */
  eq?: RequestLevel | null | undefined;
  /** Equal to one of these values. */
  in?: Array<RequestLevel> | null | undefined;
  /** Not equal to this value. */
  ne?: RequestLevel | null | undefined;
};

/** Filter conditions. All given conditions must be met. */
export type RequestSlaFilter = {
  /** All of these filters match. */
  and?: Array<RequestSlaFilter> | null | undefined;
  /** Time when a running clock reaches its target. Clocks that are paused or have ended have none. */
  dueAt?: DateTimeFilter | null | undefined;
  /** Name of the SLA in the definition. For a state or a task, the name of that. */
  name?: StringFilter | null | undefined;
  /** This filter does not match. */
  not?: RequestSlaFilter | null | undefined;
  /** At least one of these filters matches. */
  or?: Array<RequestSlaFilter> | null | undefined;
  status?: SlaStatusFilter | null | undefined;
};

/** Filter conditions. All given conditions must be met. */
export type RequestWorkflowFilter = {
  /** All of these filters match. */
  and?: Array<RequestWorkflowFilter> | null | undefined;
  /** ID of a user, a team, or a vendor. */
  assigneeId?: IdFilter | null | undefined;
  /** Version of the definition. */
  definitionId?: IdFilter | null | undefined;
  /** Key of the definition, common to all its versions. */
  definitionKey?: StringFilter | null | undefined;
  finishedAt?: DateTimeFilter | null | undefined;
  id?: IdFilter | null | undefined;
  /** This filter does not match. */
  not?: RequestWorkflowFilter | null | undefined;
  /** At least one of these filters matches. */
  or?: Array<RequestWorkflowFilter> | null | undefined;
  ownerId?: IdFilter | null | undefined;
  /** Name of the current state, for example `triage`. */
  state?: StringFilter | null | undefined;
  status?: WorkflowStatusFilter | null | undefined;
  teamId?: IdFilter | null | undefined;
  updatedAt?: DateTimeFilter | null | undefined;
  version?: NumberFilter | null | undefined;
};

/** Word search. */
export type SearchFilter = {
  /** Contains all of these words (at most 8), in any order, ignoring case. Words are separated by spaces and punctuation. */
  contains?: string | null | undefined;
};

/** Statuses of an SLA clock. */
export type SlaStatus =
  /** It runs, and the target has been reached. */
  | 'BREACHED'
  /** It no longer counts: it was reset, or the work was canceled. */
  | 'CANCELLED'
  /** It stopped before the target. */
  | 'MET'
  /** It stopped after the target. */
  | 'MISSED'
  /** It runs, and no warning has been reached. */
  | 'ON_TRACK'
  /** No time is consumed. */
  | 'PAUSED'
  /** It runs, and a warning has been reached. */
  | 'WARNING';

/** Conditions on a SlaStatus. */
export type SlaStatusFilter = {
  /** Equal to this value. */
  eq?: SlaStatus | null | undefined;
  /** Equal to one of these values. */
  in?: Array<SlaStatus> | null | undefined;
  /** Not equal to this value. */
  ne?: SlaStatus | null | undefined;
};

/** Conditions on a string. All given conditions must be met. */
export type StringFilter = {
  /** Contains this text, ignoring case. */
  contains?: string | null | undefined;
  /** Equal to this value. */
  eq?: string | null | undefined;
  /** Equal to one of these values (at most 100). */
  in?: Array<string> | null | undefined;
  /** `true` matches missing values only; `false` matches existing values only. */
  isNull?: boolean | null | undefined;
  /** Not equal to this value. */
  ne?: string | null | undefined;
};

/** Conditions on tags. All given conditions must be met. */
export type TagsFilter = {
  /** Has this tag, ignoring case. */
  has?: string | null | undefined;
  /** Has at least one of these tags (at most 100), ignoring case. */
  hasAny?: Array<string> | null | undefined;
  /** `true` matches objects without tags only; `false` matches those with tags only. */
  isEmpty?: boolean | null | undefined;
};

/** Queues of tasks. Finished tasks (COMPLETED, CLOSED) are in a queue only if the filter asks for a `status`. */
export type TaskQueue =
  /** Tasks that you have claimed and not completed. */
  | 'MINE'
  /** Tasks without candidates that nobody has claimed. Visible only to users who can assign tasks (`task.assign`). */
  | 'NO_CANDIDATES'
  /** Tasks that you have claimed, that are offered to you or to one of your roles or teams, that name a user for whom you are the substitute, or that wait for your answer. An open vote is listed once, until you have voted. */
  | 'OFFERED_TO_ME'
  /** Overdue tasks: those offered to you, or all for users who can see all tasks. Earliest deadline first. An open vote is listed once, in addition to its claimed tasks. */
  | 'OVERDUE'
  /** Tasks offered to one of your teams, whoever has claimed them. An open vote is listed once, until you have voted. */
  | 'TEAM'
  /** Unclaimed tasks: those offered to you, or all for users who can see all tasks. An open vote is listed once; if it is offered to you, until you have voted. */
  | 'UNASSIGNED';

/** Statuses of a task. */
export type TaskStatus =
  /** The task is claimed. */
  | 'CLAIMED'
  /** No longer needed, because the instance changed without it. */
  | 'CLOSED'
  /** Completed by firing a transition. */
  | 'COMPLETED'
  /** Waiting to be claimed. */
  | 'OPEN';

/** The checklist item to update. */
export type UpdateChecklistItemInput = {
  /** Version of the task that you last read. The call fails with `CONFLICT` if the current version differs. */
  expectedVersion?: number | null | undefined;
  /** ID of the task (`tsk_…`). */
  id: string | number;
  /** Idempotency key. Repeating the call with the same key returns the first result. */
  idempotencyKey?: string | null | undefined;
  /** Whether the item is completed. */
  isDone?: boolean;
  /** Key of the item, from `Task.checklist`. */
  itemKey: string;
};

/** Status of a workflow instance. */
export type WorkflowStatus =
  /** Canceled before it reached a final state. */
  | 'CANCELLED'
  /** Reached a final state, successful or not. */
  | 'COMPLETED'
  /** Stopped by an incident that an operator must resolve. */
  | 'FAILED'
  /** In progress. */
  | 'RUNNING'
  /** Suspended by an operator. No transition can fire. */
  | 'SUSPENDED';

/** Conditions on a WorkflowStatus. */
export type WorkflowStatusFilter = {
  /** Equal to this value. */
  eq?: WorkflowStatus | null | undefined;
  /** Equal to one of these values. */
  in?: Array<WorkflowStatus> | null | undefined;
  /** Not equal to this value. */
  ne?: WorkflowStatus | null | undefined;
};

export type FrameQueryVariables = Exact<{ [key: string]: never; }>;


export type FrameQuery = { liveCursor: string | null, me: { id: string, name: string } | null, taskCounts: { offeredToMe: number } | null };

export type CountChangedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type CountChangedSubscription = { taskChanged: { cursor: string, occurredAt: string } };

export type InboxQueryVariables = Exact<{
  queue: TaskQueue;
}>;


export type InboxQuery = { liveCursor: string | null, taskCounts: { offeredToMe: number, mine: number, overdue: number } | null, tasks: { totalCount: number, edges: Array<{ node: { id: string, title: string, status: TaskStatus, priority: Priority, dueAt: string | null, isOverdue: boolean, createdAt: string, assignee: { id: string, name: string } | null, subject:
          | { id: string }
          | { id: string }
          | { id: string }
          | { id: string }
          | { name: string, id: string }
          | { number: string, id: string }
          | { id: string }
          | { id: string }
         | null, instance: { id: string, stateTitle: string } | null } }> } | null };

export type InboxChangedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type InboxChangedSubscription = { taskChanged: { cursor: string, occurredAt: string } };

export type UpdateChecklistItemMutationVariables = Exact<{
  input: UpdateChecklistItemInput;
}>;


export type UpdateChecklistItemMutation = { updateChecklistItem: { task: { id: string } } | null };

export type RequestTypesQueryVariables = Exact<{ [key: string]: never; }>;


export type RequestTypesQuery = { liveCursor: string | null, requestTypes: { edges: Array<{ node: { id: string, key: string, name: string, description: string, form: { name: string, title: string | null, description: string | null, schema: unknown, uiSchema: unknown, data: unknown } | null } }> } | null };

export type CreateRequestMutationVariables = Exact<{
  input: CreateRequestInput;
}>;


export type CreateRequestMutation = { createRequest: { request: { id: string } } | null };

export type RequestsQueryVariables = Exact<{
  first: number;
  filter?: RequestFilter | null | undefined;
}>;


export type RequestsQuery = { liveCursor: string | null, requests: { totalCount: number, edges: Array<{ node: { id: string, number: string, data: unknown, priority: Priority, createdAt: string, status: WorkflowStatus, building: { id: string, name: string } | null, workflow: { id: string, stateTitle: string } | null } }> } | null };

export type RequestsChangedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type RequestsChangedSubscription = { requestChanged: { cursor: string, occurredAt: string } };

export type RequestDetailQueryVariables = Exact<{
  id: string | number;
}>;


export type RequestDetailQuery = { liveCursor: string | null, request: { id: string, number: string, data: unknown, status: WorkflowStatus, priority: Priority, createdAt: string, dueAt: string | null, type: { id: string, name: string } | null, createdBy: { id: string, name: string } | null, assignee:
      | { __typename: 'Team', id: string, name: string }
      | { __typename: 'User', id: string, name: string }
      | { __typename: 'Vendor', id: string, name: string }
     | null, building: { id: string, name: string } | null, asset: { id: string, name: string } | null, workflow: { id: string, stateTitle: string, history: Array<{ id: string, version: number, kind: HistoryKind, transitionTitle: string | null, fromTitle: string | null, toTitle: string, comment: string | null, isAutomatic: boolean, at: string, actor: { id: string, name: string } | null, onBehalfOf: { id: string, name: string } | null }>, tasks: Array<{ id: string, title: string, status: TaskStatus, dueAt: string | null }> } | null } | null };

export type RequestDetailChangedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type RequestDetailChangedSubscription = { requestChanged: { cursor: string, occurredAt: string, request: { id: string } } };

export type RequestTaskChangedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type RequestTaskChangedSubscription = { taskChanged: { cursor: string, occurredAt: string } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const FrameDocument = new TypedDocumentString(`
    query Frame {
  liveCursor
  me {
    id
    name
  }
  taskCounts {
    offeredToMe
  }
}
    `) as unknown as TypedDocumentString<FrameQuery, FrameQueryVariables>;
export const CountChangedDocument = new TypedDocumentString(`
    subscription CountChanged($after: String) {
  taskChanged(after: $after) {
    cursor
    occurredAt
  }
}
    `) as unknown as TypedDocumentString<CountChangedSubscription, CountChangedSubscriptionVariables>;
export const InboxDocument = new TypedDocumentString(`
    query Inbox($queue: TaskQueue!) {
  liveCursor
  taskCounts {
    offeredToMe
    mine
    overdue
  }
  tasks(
    queue: $queue
    filter: {status: {in: [OPEN, CLAIMED]}}
    orderBy: {field: DUE_AT}
    first: 100
  ) {
    totalCount
    edges {
      node {
        id
        title
        status
        priority
        dueAt
        isOverdue
        createdAt
        assignee {
          id
          name
        }
        subject {
          id
          ... on Request {
            number
          }
          ... on Project {
            name
          }
        }
        instance {
          id
          stateTitle
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<InboxQuery, InboxQueryVariables>;
export const InboxChangedDocument = new TypedDocumentString(`
    subscription InboxChanged($after: String) {
  taskChanged(after: $after) {
    cursor
    occurredAt
  }
}
    `) as unknown as TypedDocumentString<InboxChangedSubscription, InboxChangedSubscriptionVariables>;
export const UpdateChecklistItemDocument = new TypedDocumentString(`
    mutation UpdateChecklistItem($input: UpdateChecklistItemInput!) {
  updateChecklistItem(input: $input) {
    task {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateChecklistItemMutation, UpdateChecklistItemMutationVariables>;
export const RequestTypesDocument = new TypedDocumentString(`
    query RequestTypes {
  liveCursor
  requestTypes(first: 100) {
    edges {
      node {
        id
        key
        name
        description
        form {
          name
          title
          description
          schema
          uiSchema
          data
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RequestTypesQuery, RequestTypesQueryVariables>;
export const CreateRequestDocument = new TypedDocumentString(`
    mutation CreateRequest($input: CreateRequestInput!) {
  createRequest(input: $input) {
    request {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateRequestMutation, CreateRequestMutationVariables>;
export const RequestsDocument = new TypedDocumentString(`
    query Requests($first: Int!, $filter: RequestFilter) {
  liveCursor
  requests(
    first: $first
    filter: $filter
    orderBy: {field: CREATED_AT, direction: DESC}
  ) {
    totalCount
    edges {
      node {
        id
        number
        data
        priority
        createdAt
        status
        building {
          id
          name
        }
        workflow {
          id
          stateTitle
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RequestsQuery, RequestsQueryVariables>;
export const RequestsChangedDocument = new TypedDocumentString(`
    subscription RequestsChanged($after: String) {
  requestChanged(after: $after) {
    cursor
    occurredAt
  }
}
    `) as unknown as TypedDocumentString<RequestsChangedSubscription, RequestsChangedSubscriptionVariables>;
export const RequestDetailDocument = new TypedDocumentString(`
    query RequestDetail($id: ID!) {
  liveCursor
  request(id: $id) {
    id
    number
    data
    status
    priority
    createdAt
    dueAt
    type {
      id
      name
    }
    createdBy {
      id
      name
    }
    assignee {
      __typename
      ... on User {
        id
        name
      }
      ... on Team {
        id
        name
      }
      ... on Vendor {
        id
        name
      }
    }
    building {
      id
      name
    }
    asset {
      id
      name
    }
    workflow {
      id
      stateTitle
      history {
        id
        version
        kind
        transitionTitle
        fromTitle
        toTitle
        actor {
          id
          name
        }
        onBehalfOf {
          id
          name
        }
        comment
        isAutomatic
        at
      }
      tasks {
        id
        title
        status
        dueAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RequestDetailQuery, RequestDetailQueryVariables>;
export const RequestDetailChangedDocument = new TypedDocumentString(`
    subscription RequestDetailChanged($after: String) {
  requestChanged(after: $after) {
    cursor
    occurredAt
    request {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RequestDetailChangedSubscription, RequestDetailChangedSubscriptionVariables>;
export const RequestTaskChangedDocument = new TypedDocumentString(`
    subscription RequestTaskChanged($after: String) {
  taskChanged(after: $after) {
    cursor
    occurredAt
  }
}
    `) as unknown as TypedDocumentString<RequestTaskChangedSubscription, RequestTaskChangedSubscriptionVariables>;