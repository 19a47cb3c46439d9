import { Trans, useLingui } from "@lingui/react/macro";
import { useLive } from "@weft/react";
import { useState } from "react";
import { clockText } from "../formats/times";
import { graphql } from "../gql";
import type { ConsoleWallTransitionsSubscription } from "../gql/graphql";

const moved = graphql(`
  subscription ConsoleWallTransitions($definitionKey: String, $after: String) {
    workflowTransitioned(definitionKey: $definitionKey, after: $after) {
      cursor
      fromTitle
      toTitle
      version
      occurredAt
      actor {
        id
        name
      }
      instance {
        id
        definition {
          id
          name
        }
      }
      subject {
        ... on Request {
          number
        }
        ... on Project {
          name
        }
      }
    }
  }
`);

type FiredTransition = ConsoleWallTransitionsSubscription["workflowTransitioned"];

const shown = 8;

/** The latest transitions since the page was opened. */
export function WallTransitions({ process }: { readonly process: string | null }) {
  const { i18n } = useLingui();
  const [transitions, setTransitions] = useState<readonly FiredTransition[]>([]);
  useLive(
    moved,
    { definitionKey: process },
    { onEvent: ({ workflowTransitioned }) => setTransitions((before) => [workflowTransitioned, ...before].slice(0, shown)) },
  );
  return (
    <section aria-labelledby="wall-transitions">
      <h2 id="wall-transitions">
        <Trans>What just happened</Trans>
      </h2>
      {transitions.length === 0 && (
        <p className="soft">
          <Trans>Nothing since this page was opened.</Trans>
        </p>
      )}
      <ul className="wall-transitions">
        {transitions.map(({ cursor, fromTitle, toTitle, occurredAt, actor, instance, subject }) => (
          <li key={cursor}>
            <time dateTime={occurredAt} className="number">
              {clockText(occurredAt, i18n.locale)}
            </time>
            <span>
              {titleOf(subject) ?? instance.definition?.name ?? "–"}: {fromTitle} → <strong>{toTitle}</strong>
              {actor && <span className="soft"> {actor.name}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const titleOf = (subject: FiredTransition["subject"]): string | null =>
  subject === null ? null : "number" in subject ? subject.number : "name" in subject ? subject.name : null;
