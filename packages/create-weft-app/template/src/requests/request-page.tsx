import { ErrorMessage, Timeline, TransitionButtons, useLiveQuery, useTransitions } from "@weft/react";
import { dateText, relativeText, valueText, words } from "../format";
import { graphql } from "../gql";
import type { RequestDetailChangedSubscription, RequestDetailQuery } from "../gql/graphql";
import { Loading, Page } from "../page";
import { Priority } from "../priority";
import { titleOf } from "./request-list";

const requestQuery = graphql(`
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
`);

const requestChanged = graphql(`
  subscription RequestDetailChanged($after: String) {
    requestChanged(after: $after) {
      cursor
      occurredAt
      request {
        id
      }
    }
  }
`);

const taskChanged = graphql(`
  subscription RequestTaskChanged($after: String) {
    taskChanged(after: $after) {
      cursor
      occurredAt
    }
  }
`);

type Request = NonNullable<RequestDetailQuery["request"]>;
type Workflow = NonNullable<Request["workflow"]>;

/** A request: its data, what can be done with it, its tasks, and its history. */
export function RequestPage({ id }: { readonly id: string }) {
  const live = useLiveQuery(
    requestQuery,
    [
      { subscription: requestChanged, concerns: (event: RequestDetailChangedSubscription) => event.requestChanged?.request.id === id },
      { subscription: taskChanged },
    ],
    { id },
  );
  const request = live.data?.request;
  if (!request)
    return (
      <Page title="Request" back={["/requests", "Requests"]} live={live}>
        {live.isLoading ? (
          <Loading />
        ) : (
          // After an outage, it may well exist. The page shows the error.
          live.error === null && <p className="empty">There is no such request, or you cannot see it.</p>
        )}
      </Page>
    );
  const { workflow } = request;
  return (
    <Page
      title={titleOf(request.data, request.number)}
      back={["/requests", "Requests"]}
      live={live}
      aside={<Priority priority={request.priority} />}
    >
      <p className="meta">
        {[request.number, request.type?.name, `created ${relativeText(request.createdAt)} by ${request.createdBy?.name ?? "somebody"}`]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <div className="columns">
        <div>
          {workflow && <Next instanceId={workflow.id} />}
          {workflow && <Tasks tasks={workflow.tasks} />}
          <Details request={request} />
        </div>
        {workflow && (
          <section aria-labelledby="history">
            <h2 id="history">History</h2>
            <Timeline entries={workflow.history} pageSize={20} />
          </section>
        )}
      </div>
    </Page>
  );
}

function Next({ instanceId }: { readonly instanceId: string }) {
  const { instance, transitions, fire, conflict, error } = useTransitions(instanceId);
  if (!instance) return <ErrorMessage error={error} />;
  return (
    <section className="card" aria-labelledby="next">
      <h2 id="next">
        State: <span className="state">{instance.stateTitle}</span>
      </h2>
      <ErrorMessage error={error} />
      {conflict && (
        <p role="alert" className="notice">
          Somebody else changed this first. {conflict.now && `The state is now ${conflict.now.stateTitle}. `}Look at it again.
        </p>
      )}
      {transitions.length > 0 ? (
        <TransitionButtons transitions={transitions} action={fire} version={instance.version} />
      ) : (
        <p className="meta">There is nothing that you can do with it now.</p>
      )}
    </section>
  );
}

function Tasks({ tasks }: { readonly tasks: Workflow["tasks"] }) {
  const open = tasks.filter(({ status }) => status === "OPEN" || status === "CLAIMED");
  if (open.length === 0) return null;
  return (
    <section aria-labelledby="tasks">
      <h2 id="tasks">Open tasks</h2>
      <ul className="list">
        {open.map(({ id, title, status, dueAt }) => (
          <li key={id}>
            <a className="row" href={`#/tasks/${id}`}>
              <span className="what">
                <strong>{title}</strong>
              </span>
              <span className="when">{dueAt ? `due ${relativeText(dueAt)}` : words(status)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Details({ request }: { readonly request: Request }) {
  const { data, building, asset, assignee, dueAt } = request;
  const given = Object.entries((data ?? {}) as Readonly<Record<string, unknown>>).filter(([name]) => name !== "summary");
  const facts: [string, string][] = [
    ["Building", building?.name ?? ""],
    ["Asset", asset?.name ?? ""],
    ["Assigned to", assignee?.name ?? ""],
    ["Due", dueAt ? dateText(dueAt) : ""],
    ...given.map(([name, value]): [string, string] => [words(name), valueText(value)]),
  ];
  return (
    <section aria-labelledby="details">
      <h2 id="details">Details</h2>
      <dl className="facts">
        {facts
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
