import { Trans, useLingui } from "@lingui/react/macro";
import { useLiveQuery } from "@weft/react";
import { useState } from "react";
import { words } from "../formats/values";
import { graphql } from "../gql";
import { SideSection } from "./side-section";
import { stepsOf } from "./steps-of";

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
  return (
    <SideSection title={<Trans>Where it stands</Trans>}>
      <ol className="steps">
        {stepsOf(definition.document, state).map(({ name, title, isFinal, isNext }) => (
          <li key={name} aria-current={name === state ? "step" : undefined} data-final={isFinal} data-next={isNext}>
            {title ?? words(name)}
            {isNext && name !== state && (
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
    </SideSection>
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
