import { Trans, useLingui } from "@lingui/react/macro";
import { useLiveQuery } from "@weft/react";
import { useState } from "react";
import { graphql } from "../gql";
import { statesOf } from "../parts/workflow-states";
import { TitledSection } from "../parts/titled-section";

const definitionQuery = graphql(`
  query ConsoleRequestDefinition($id: ID!) {
    workflowInstance(id: $id) {
      id
      definition {
        id
        name
        document
      }
    }
  }
`);

const diagramQuery = graphql(`
  query ConsoleRequestDiagram($id: ID!) {
    liveCursor
    workflowInstance(id: $id) {
      id
      diagram
    }
  }
`);

const moved = graphql(`
  subscription ConsoleRequestMoved($instanceId: ID!, $after: String) {
    workflowTransitioned(instanceId: $instanceId, after: $after) {
      cursor
      version
    }
  }
`);

interface StepsProps {
  readonly instanceId: string;
  readonly state: string;
}

/** Where the request stands among the states of its workflow. Absent for users who cannot see definitions. */
export function Steps({ instanceId, state }: StepsProps) {
  const { data } = useLiveQuery(definitionQuery, [], { id: instanceId });
  const [isOpen, setOpen] = useState(false);
  const definition = data?.workflowInstance?.definition;
  if (!definition) return null;
  const states = statesOf(definition.document);
  const next = states.find(({ name }) => name === state)?.next ?? [];
  return (
    <TitledSection title={<Trans>Where it stands</Trans>}>
      <ol className="steps">
        {states.map(({ name, title, isFinal }) => (
          <li key={name} aria-current={name === state ? "step" : undefined} data-final={isFinal} data-next={next.includes(name)}>
            {title}
            {next.includes(name) && name !== state && (
              <span className="soft">
                {" "}
                <Trans>possible next</Trans>
              </span>
            )}
          </li>
        ))}
      </ol>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <Trans>Diagram</Trans>
        </summary>
        {isOpen && <Diagram instanceId={instanceId} name={definition.name} />}
      </details>
    </TitledSection>
  );
}

function Diagram({ instanceId, name }: { readonly instanceId: string; readonly name: string }) {
  const { t } = useLingui();
  const { data, isLoading } = useLiveQuery(diagramQuery, [{ subscription: moved, variables: { instanceId } }], { id: instanceId });
  const svg = data?.workflowInstance?.diagram;
  if (!svg)
    return isLoading ? (
      <div className="placeholder high" role="status" aria-busy="true" />
    ) : (
      <p className="soft">
        <Trans>There is no diagram.</Trans>
      </p>
    );
  // As an image, nothing in it can run.
  return <img className="diagram" src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={t`Diagram of ${name}`} />;
}
