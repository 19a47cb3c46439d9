import { Trans } from "@lingui/react/macro";
import type { ConsoleFrameQuery } from "../gql/graphql";
import { QueueLinks } from "../inbox/queue-links";
import { PortalLinks } from "../portal/portal-links";
import { VendorLinks } from "../vendor/vendor-links";
import { usesInbox, usesPortal } from "./home";
import type { Viewer } from "./viewer";

interface SectionsProps {
  /** Null while the user is loaded. */
  readonly viewer: Viewer | null;
  readonly counts: ConsoleFrameQuery["taskCounts"];
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
    {usesPortal(viewer) && <PortalLinks />}
    {viewer?.type === "VENDOR" && <VendorLinks />}
  </nav>
);
