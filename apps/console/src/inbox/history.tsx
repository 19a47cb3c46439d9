import { Trans } from "@lingui/react/macro";
import { ErrorMessage, Timeline, useLiveQuery } from "@weft/react";
import { useState } from "react";
import { graphql } from "../gql";

const historyQuery = graphql(`
  query ConsoleHistory($id: ID!) {
    liveCursor
    workflowInstance(id: $id) {
      id
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
    }
  }
`);

const transitioned = graphql(`
  subscription ConsoleHistoryChanged($id: ID!, $after: String) {
    workflowTransitioned(instanceId: $id, after: $after) {
      cursor
      version
    }
  }
`);

interface HistoryProps {
  readonly instanceId: string;
  /** Its number of changes so far. */
  readonly version: number;
}

/** The history of an instance. It is loaded when it is opened, because few tasks need it. */
export function History({ instanceId, version }: HistoryProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="history" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Trans>History</Trans> <span className="soft number">{version}</span>
      </summary>
      {isOpen && <Entries instanceId={instanceId} />}
    </details>
  );
}

function Entries({ instanceId }: { readonly instanceId: string }) {
  const { data, error } = useLiveQuery(historyQuery, transitioned, { id: instanceId });
  return (
    <>
      <ErrorMessage error={error} />
      {data?.workflowInstance && <Timeline entries={data.workflowInstance.history} />}
    </>
  );
}
