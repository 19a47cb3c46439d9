import { Trans } from "@lingui/react/macro";
import type { ConsoleFrameQuery } from "../gql/graphql";
import { QueueLinks } from "../inbox/queue-links";

interface SectionsProps {
  readonly counts: ConsoleFrameQuery["taskCounts"];
}

/** The navigation between the parts of the console. Parts that the user cannot use are absent. */
export const Sections = ({ counts }: SectionsProps) => (
  <nav aria-labelledby="lists">
    <p id="lists" className="label">
      <Trans>Inbox</Trans>
    </p>
    <QueueLinks counts={counts} />
  </nav>
);
