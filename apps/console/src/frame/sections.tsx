import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { canWatch } from "../dashboard/can-watch";
import type { ConsoleFrameQuery } from "../gql/graphql";
import { QueueLinks } from "../inbox/queue-links";
import type { Viewer } from "./viewer";

interface SectionsProps {
  readonly counts: ConsoleFrameQuery["taskCounts"];
  /** Null while the user is loaded. */
  readonly viewer: Viewer | null;
}

/** The navigation between the parts of the console. Parts that the user cannot use are absent. */
export const Sections = ({ counts, viewer }: SectionsProps) => (
  <nav aria-labelledby="lists">
    <p id="lists" className="label">
      <Trans>Inbox</Trans>
    </p>
    <QueueLinks counts={counts} />
    {canWatch(viewer) && (
      <ul>
        <li>
          <Link to="/dashboard">
            <Trans>Dashboard</Trans>
          </Link>
        </li>
      </ul>
    )}
  </nav>
);
