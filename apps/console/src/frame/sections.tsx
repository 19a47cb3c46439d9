import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { ConsoleFrameQuery } from "../gql/graphql";
import { QueueLinks } from "../inbox/queue-links";
import { can, type Viewer } from "./viewer";

interface SectionsProps {
  readonly counts: ConsoleFrameQuery["taskCounts"];
  readonly viewer: Viewer | null;
}

/** The navigation between the parts of the console. Parts that the user cannot use are absent. */
export const Sections = ({ counts, viewer }: SectionsProps) => (
  <nav aria-labelledby="lists">
    <p id="lists" className="label">
      <Trans>Inbox</Trans>
    </p>
    <QueueLinks counts={counts} />
    {can(viewer, "request.read") && (
      <>
        <p className="label">
          <Trans>Work</Trans>
        </p>
        <ul>
          <li>
            <Link to="/requests" search={{ status: "OPEN" }} activeOptions={{ includeSearch: false }}>
              <Trans>Requests</Trans>
            </Link>
          </li>
        </ul>
      </>
    )}
  </nav>
);
