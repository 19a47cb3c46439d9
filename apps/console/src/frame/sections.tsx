import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { canWatch } from "../dashboard/can-watch";
import type { ConsoleCountsQuery } from "../gql/graphql";
import { QueueLinks } from "../inbox/queue-links";
import { PortalLinks } from "../portal/portal-links";
import { VendorLinks } from "../vendor/vendor-links";
import { seesAudit, seesPrivacy, seesReports, usesInbox, usesPortal } from "./home";
import { can, type Viewer } from "./viewer";

interface SectionsProps {
  /** Null while the user is loaded. */
  readonly viewer: Viewer | null;
  readonly counts: ConsoleCountsQuery["taskCounts"];
}

/** The navigation between the parts of the console. Parts that the user cannot use are absent. */
export const Sections = ({ viewer, counts }: SectionsProps) => (
  <nav aria-label="Weft">
    {usesInbox(viewer) && (
      <>
        <p className="label">
          <Trans>Inbox</Trans>
        </p>
        <QueueLinks counts={counts} />
      </>
    )}
    {viewer?.type !== "VENDOR" && can(viewer, "request.read") && (
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
    {canWatch(viewer) && (
      <ul>
        <li>
          <Link to="/dashboard">
            <Trans>Dashboard</Trans>
          </Link>
        </li>
      </ul>
    )}
    {usesPortal(viewer) && <PortalLinks />}
    {(seesAudit(viewer) || seesReports(viewer) || seesPrivacy(viewer)) && (
      <>
        <p className="label">
          <Trans>Compliance</Trans>
        </p>
        <ul>
          {seesAudit(viewer) && (
            <li>
              <Link to="/audit" activeOptions={{ includeSearch: false }}>
                <Trans>Audit trail</Trans>
              </Link>
            </li>
          )}
          {seesReports(viewer) && (
            <li>
              <Link to="/reports" activeOptions={{ includeSearch: false }}>
                <Trans>Reports</Trans>
              </Link>
            </li>
          )}
          {seesPrivacy(viewer) && (
            <li>
              <Link to="/privacy" activeOptions={{ includeSearch: false }}>
                <Trans>Privacy</Trans>
              </Link>
            </li>
          )}
        </ul>
      </>
    )}
    {viewer?.type === "VENDOR" && <VendorLinks />}
  </nav>
);
