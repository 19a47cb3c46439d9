import { Trans, useLingui } from "@lingui/react/macro";
import { dateText, relativeText } from "../formats/times";
import type { ShownNotification } from "./notification-operations";

interface NotificationRowProps {
  readonly notification: ShownNotification;
  /** Whether the console has a page for its object. */
  readonly hasPlace: boolean;
  readonly onOpen: () => void;
  readonly onMark: () => void;
}

export function NotificationRow({ notification: { title, isRead, createdAt }, hasPlace, onOpen, onMark }: NotificationRowProps) {
  const { i18n } = useLingui();
  return (
    <li data-read={isRead}>
      <span className="dot" aria-hidden="true" />
      <div>
        {hasPlace ? (
          <button type="button" className="title" onClick={onOpen}>
            {title}
          </button>
        ) : (
          <p className="title">{title}</p>
        )}
        <p className="soft">
          <time dateTime={createdAt} title={dateText(createdAt, i18n.locale)}>
            {relativeText(createdAt, i18n.locale)}
          </time>
          {!isRead && (
            <button type="button" className="link" onClick={onMark}>
              <Trans>Mark as read</Trans>
            </button>
          )}
        </p>
      </div>
    </li>
  );
}
