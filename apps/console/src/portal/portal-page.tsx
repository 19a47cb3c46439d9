import { useLingui } from "@lingui/react/macro";
import { useViewer } from "../frame/viewer";
import { usesInbox } from "../frame/home";
import { Catalog } from "./catalog";
import { MyRequests } from "./my-requests";
import "./portal.css";
import { Waiting } from "./waiting";

/** What a user can ask for, what they have asked for, and what waits for them. */
export function PortalPage() {
  const { t } = useLingui();
  const viewer = useViewer();
  if (viewer === null) return null;
  return (
    <div className="portal" data-page="start">
      <h1 className="hidden">{t`Portal`}</h1>
      {/* For others, it is in the inbox. */}
      {!usesInbox(viewer) && <Waiting viewerId={viewer.id} />}
      <Catalog />
      <MyRequests viewerId={viewer.id} />
    </div>
  );
}
