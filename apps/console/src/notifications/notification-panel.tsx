import "@mantine/core/styles/Drawer.css";
import "./notifications.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Drawer } from "@mantine/core";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { ErrorMessage, useAction, useLiveQuery } from "@weft/react";
import { useState } from "react";
import { Message } from "../frame/messages";
import { useViewer } from "../frame/viewer";
import { placeOf } from "../parts/object-place";
import { NotificationRow } from "./notification-row";
import {
  markAllRead,
  markRead,
  notificationReceived,
  notificationsQuery,
  unreadChanged,
  type ShownNotification,
} from "./notification-operations";

interface NotificationPanelProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The newest notifications, over the page. */
export function NotificationPanel({ isOpen, onClose }: NotificationPanelProps) {
  const { t } = useLingui();
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size={440}
      title={t`Notifications`}
      lockScroll={false}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Notifications onClose={onClose} />
    </Drawer>
  );
}

const few = 30;
/** The largest page of the API. */
const many = 100;

function Notifications({ onClose }: Pick<NotificationPanelProps, "onClose">) {
  const [first, setFirst] = useState(few);
  const [isUnreadOnly, setUnreadOnly] = useState(false);
  const filter = isUnreadOnly ? { isRead: { eq: false } } : null;
  const sources = [
    { subscription: notificationReceived, variables: {} },
    { subscription: unreadChanged, variables: {} },
  ];
  const live = useLiveQuery(notificationsQuery, sources, { first, filter }, { keepsPreviousData: true });
  const read = useAction(markRead);
  const readAll = useAction(markAllRead);
  const viewer = useViewer();
  const router = useRouter();
  const navigate = useNavigate();
  const list = live.data?.notifications ?? null;
  const shown = list?.edges.map(({ node }) => node) ?? null;
  const newest = shown?.[0];

  async function mark({ id, isRead }: ShownNotification) {
    if (!isRead && (await read.run({ input: { id } })) !== null) await live.reload();
  }
  function open(notification: ShownNotification) {
    void mark(notification);
    const place = placeOf(router, viewer, notification.subject);
    if (place === null) return;
    onClose();
    void navigate(place);
  }
  async function markAll() {
    // Only what the user could see: what comes meanwhile stays unread.
    if (newest && (await readAll.run({ input: { until: newest.createdAt } })) !== null) await live.reload();
  }
  return (
    <div className="notifications" aria-busy={shown === null}>
      <p className="actions">
        <label>
          <input type="checkbox" checked={isUnreadOnly} onChange={({ currentTarget }) => setUnreadOnly(currentTarget.checked)} />{" "}
          <Trans>Unread only</Trans>
        </label>
        {shown?.some(({ isRead }) => !isRead) && (
          <button type="button" className="link" aria-disabled={readAll.isPending} onClick={() => void markAll()}>
            <Trans>Mark all as read</Trans>
          </button>
        )}
      </p>
      <ErrorMessage error={live.error ?? read.error ?? readAll.error} />
      {shown === null ? (
        live.error === null && <div className="placeholder high" />
      ) : shown.length === 0 ? (
        <Message title={isUnreadOnly ? <Trans>You have read everything.</Trans> : <Trans>No notifications yet</Trans>}>
          {!isUnreadOnly && (
            <p>
              <Trans>Weft tells you here about tasks for you, and about requests that you have to do with.</Trans>
            </p>
          )}
        </Message>
      ) : (
        <ul>
          {shown.map((notification) => (
            <NotificationRow
              key={notification.id}
              notification={notification}
              hasPlace={placeOf(router, viewer, notification.subject) !== null}
              onOpen={() => open(notification)}
              onMark={() => void mark(notification)}
            />
          ))}
        </ul>
      )}
      {list?.pageInfo.hasNextPage && first < many && (
        <button type="button" className="link" onClick={() => setFirst(many)}>
          <Trans>Show older ones</Trans>
        </button>
      )}
    </div>
  );
}
