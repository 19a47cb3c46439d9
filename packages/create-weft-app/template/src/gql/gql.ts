/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Frame {\n    liveCursor\n    me {\n      id\n      name\n    }\n    taskCounts {\n      offeredToMe\n    }\n  }\n": typeof types.FrameDocument,
    "\n  subscription CountChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n": typeof types.CountChangedDocument,
    "\n  query Inbox($queue: TaskQueue!) {\n    liveCursor\n    taskCounts {\n      offeredToMe\n      mine\n      overdue\n    }\n    tasks(queue: $queue, filter: { status: { in: [OPEN, CLAIMED] } }, orderBy: { field: DUE_AT }, first: 100) {\n      totalCount\n      edges {\n        node {\n          id\n          title\n          status\n          priority\n          dueAt\n          isOverdue\n          createdAt\n          assignee {\n            id\n            name\n          }\n          subject {\n            id\n            ... on Request {\n              number\n            }\n            ... on Project {\n              name\n            }\n          }\n          instance {\n            id\n            stateTitle\n          }\n        }\n      }\n    }\n  }\n": typeof types.InboxDocument,
    "\n  subscription InboxChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n": typeof types.InboxChangedDocument,
    "\n  mutation UpdateChecklistItem($input: UpdateChecklistItemInput!) {\n    updateChecklistItem(input: $input) {\n      task {\n        id\n      }\n    }\n  }\n": typeof types.UpdateChecklistItemDocument,
    "\n  query RequestTypes {\n    liveCursor\n    requestTypes(first: 100) {\n      edges {\n        node {\n          id\n          key\n          name\n          description\n          form {\n            name\n            title\n            description\n            schema\n            uiSchema\n            data\n          }\n        }\n      }\n    }\n  }\n": typeof types.RequestTypesDocument,
    "\n  mutation CreateRequest($input: CreateRequestInput!) {\n    createRequest(input: $input) {\n      request {\n        id\n      }\n    }\n  }\n": typeof types.CreateRequestDocument,
    "\n  query Requests($first: Int!, $filter: RequestFilter) {\n    liveCursor\n    requests(first: $first, filter: $filter, orderBy: { field: CREATED_AT, direction: DESC }) {\n      totalCount\n      edges {\n        node {\n          id\n          number\n          data\n          priority\n          createdAt\n          status\n          building {\n            id\n            name\n          }\n          workflow {\n            id\n            stateTitle\n          }\n        }\n      }\n    }\n  }\n": typeof types.RequestsDocument,
    "\n  subscription RequestsChanged($after: String) {\n    requestChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n": typeof types.RequestsChangedDocument,
    "\n  query RequestDetail($id: ID!) {\n    liveCursor\n    request(id: $id) {\n      id\n      number\n      data\n      status\n      priority\n      createdAt\n      dueAt\n      type {\n        id\n        name\n      }\n      createdBy {\n        id\n        name\n      }\n      assignee {\n        __typename\n        ... on User {\n          id\n          name\n        }\n        ... on Team {\n          id\n          name\n        }\n        ... on Vendor {\n          id\n          name\n        }\n      }\n      building {\n        id\n        name\n      }\n      asset {\n        id\n        name\n      }\n      workflow {\n        id\n        stateTitle\n        history {\n          id\n          version\n          kind\n          transitionTitle\n          fromTitle\n          toTitle\n          actor {\n            id\n            name\n          }\n          onBehalfOf {\n            id\n            name\n          }\n          comment\n          isAutomatic\n          at\n        }\n        tasks {\n          id\n          title\n          status\n          dueAt\n        }\n      }\n    }\n  }\n": typeof types.RequestDetailDocument,
    "\n  subscription RequestDetailChanged($after: String) {\n    requestChanged(after: $after) {\n      cursor\n      occurredAt\n      request {\n        id\n      }\n    }\n  }\n": typeof types.RequestDetailChangedDocument,
    "\n  subscription RequestTaskChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n": typeof types.RequestTaskChangedDocument,
};
const documents: Documents = {
    "\n  query Frame {\n    liveCursor\n    me {\n      id\n      name\n    }\n    taskCounts {\n      offeredToMe\n    }\n  }\n": types.FrameDocument,
    "\n  subscription CountChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n": types.CountChangedDocument,
    "\n  query Inbox($queue: TaskQueue!) {\n    liveCursor\n    taskCounts {\n      offeredToMe\n      mine\n      overdue\n    }\n    tasks(queue: $queue, filter: { status: { in: [OPEN, CLAIMED] } }, orderBy: { field: DUE_AT }, first: 100) {\n      totalCount\n      edges {\n        node {\n          id\n          title\n          status\n          priority\n          dueAt\n          isOverdue\n          createdAt\n          assignee {\n            id\n            name\n          }\n          subject {\n            id\n            ... on Request {\n              number\n            }\n            ... on Project {\n              name\n            }\n          }\n          instance {\n            id\n            stateTitle\n          }\n        }\n      }\n    }\n  }\n": types.InboxDocument,
    "\n  subscription InboxChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n": types.InboxChangedDocument,
    "\n  mutation UpdateChecklistItem($input: UpdateChecklistItemInput!) {\n    updateChecklistItem(input: $input) {\n      task {\n        id\n      }\n    }\n  }\n": types.UpdateChecklistItemDocument,
    "\n  query RequestTypes {\n    liveCursor\n    requestTypes(first: 100) {\n      edges {\n        node {\n          id\n          key\n          name\n          description\n          form {\n            name\n            title\n            description\n            schema\n            uiSchema\n            data\n          }\n        }\n      }\n    }\n  }\n": types.RequestTypesDocument,
    "\n  mutation CreateRequest($input: CreateRequestInput!) {\n    createRequest(input: $input) {\n      request {\n        id\n      }\n    }\n  }\n": types.CreateRequestDocument,
    "\n  query Requests($first: Int!, $filter: RequestFilter) {\n    liveCursor\n    requests(first: $first, filter: $filter, orderBy: { field: CREATED_AT, direction: DESC }) {\n      totalCount\n      edges {\n        node {\n          id\n          number\n          data\n          priority\n          createdAt\n          status\n          building {\n            id\n            name\n          }\n          workflow {\n            id\n            stateTitle\n          }\n        }\n      }\n    }\n  }\n": types.RequestsDocument,
    "\n  subscription RequestsChanged($after: String) {\n    requestChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n": types.RequestsChangedDocument,
    "\n  query RequestDetail($id: ID!) {\n    liveCursor\n    request(id: $id) {\n      id\n      number\n      data\n      status\n      priority\n      createdAt\n      dueAt\n      type {\n        id\n        name\n      }\n      createdBy {\n        id\n        name\n      }\n      assignee {\n        __typename\n        ... on User {\n          id\n          name\n        }\n        ... on Team {\n          id\n          name\n        }\n        ... on Vendor {\n          id\n          name\n        }\n      }\n      building {\n        id\n        name\n      }\n      asset {\n        id\n        name\n      }\n      workflow {\n        id\n        stateTitle\n        history {\n          id\n          version\n          kind\n          transitionTitle\n          fromTitle\n          toTitle\n          actor {\n            id\n            name\n          }\n          onBehalfOf {\n            id\n            name\n          }\n          comment\n          isAutomatic\n          at\n        }\n        tasks {\n          id\n          title\n          status\n          dueAt\n        }\n      }\n    }\n  }\n": types.RequestDetailDocument,
    "\n  subscription RequestDetailChanged($after: String) {\n    requestChanged(after: $after) {\n      cursor\n      occurredAt\n      request {\n        id\n      }\n    }\n  }\n": types.RequestDetailChangedDocument,
    "\n  subscription RequestTaskChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n": types.RequestTaskChangedDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Frame {\n    liveCursor\n    me {\n      id\n      name\n    }\n    taskCounts {\n      offeredToMe\n    }\n  }\n"): typeof import('./graphql').FrameDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription CountChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n"): typeof import('./graphql').CountChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Inbox($queue: TaskQueue!) {\n    liveCursor\n    taskCounts {\n      offeredToMe\n      mine\n      overdue\n    }\n    tasks(queue: $queue, filter: { status: { in: [OPEN, CLAIMED] } }, orderBy: { field: DUE_AT }, first: 100) {\n      totalCount\n      edges {\n        node {\n          id\n          title\n          status\n          priority\n          dueAt\n          isOverdue\n          createdAt\n          assignee {\n            id\n            name\n          }\n          subject {\n            id\n            ... on Request {\n              number\n            }\n            ... on Project {\n              name\n            }\n          }\n          instance {\n            id\n            stateTitle\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').InboxDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription InboxChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n"): typeof import('./graphql').InboxChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateChecklistItem($input: UpdateChecklistItemInput!) {\n    updateChecklistItem(input: $input) {\n      task {\n        id\n      }\n    }\n  }\n"): typeof import('./graphql').UpdateChecklistItemDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RequestTypes {\n    liveCursor\n    requestTypes(first: 100) {\n      edges {\n        node {\n          id\n          key\n          name\n          description\n          form {\n            name\n            title\n            description\n            schema\n            uiSchema\n            data\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').RequestTypesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateRequest($input: CreateRequestInput!) {\n    createRequest(input: $input) {\n      request {\n        id\n      }\n    }\n  }\n"): typeof import('./graphql').CreateRequestDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Requests($first: Int!, $filter: RequestFilter) {\n    liveCursor\n    requests(first: $first, filter: $filter, orderBy: { field: CREATED_AT, direction: DESC }) {\n      totalCount\n      edges {\n        node {\n          id\n          number\n          data\n          priority\n          createdAt\n          status\n          building {\n            id\n            name\n          }\n          workflow {\n            id\n            stateTitle\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').RequestsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription RequestsChanged($after: String) {\n    requestChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n"): typeof import('./graphql').RequestsChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RequestDetail($id: ID!) {\n    liveCursor\n    request(id: $id) {\n      id\n      number\n      data\n      status\n      priority\n      createdAt\n      dueAt\n      type {\n        id\n        name\n      }\n      createdBy {\n        id\n        name\n      }\n      assignee {\n        __typename\n        ... on User {\n          id\n          name\n        }\n        ... on Team {\n          id\n          name\n        }\n        ... on Vendor {\n          id\n          name\n        }\n      }\n      building {\n        id\n        name\n      }\n      asset {\n        id\n        name\n      }\n      workflow {\n        id\n        stateTitle\n        history {\n          id\n          version\n          kind\n          transitionTitle\n          fromTitle\n          toTitle\n          actor {\n            id\n            name\n          }\n          onBehalfOf {\n            id\n            name\n          }\n          comment\n          isAutomatic\n          at\n        }\n        tasks {\n          id\n          title\n          status\n          dueAt\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').RequestDetailDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription RequestDetailChanged($after: String) {\n    requestChanged(after: $after) {\n      cursor\n      occurredAt\n      request {\n        id\n      }\n    }\n  }\n"): typeof import('./graphql').RequestDetailChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription RequestTaskChanged($after: String) {\n    taskChanged(after: $after) {\n      cursor\n      occurredAt\n    }\n  }\n"): typeof import('./graphql').RequestTaskChangedDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
