import { useLingui } from "@lingui/react/macro";
import { useLiveQuery } from "@weft/react";
import { useState } from "react";
import { numberText } from "../formats/numbers";
import { useKeys } from "../frame/use-keys";
import { LazyPart, lazyPart } from "../parts/lazy-part";
import { unreadChanged, unreadQuery } from "./notification-operations";

const NotificationPanel = lazyPart(async () => (await import("./notification-panel")).NotificationPanel);

/** The API counts exactly up to here. */
const most = 1000;

/** Opens the notifications, and says how many of them are unread. */
export function NotificationBell() {
  const { t, i18n } = useLingui();
  const { data } = useLiveQuery(unreadQuery, unreadChanged);
  const [isOpen, setOpen] = useState(false);
  // Stays after it was opened once, so that it can close with its animation.
  const [isWanted, setWanted] = useState(false);
  const open = (): void => {
    setWanted(true);
    setOpen(true);
  };
  useKeys({ n: open });
  const count = data?.unreadNotificationCount ?? 0;
  const number = numberText(count, i18n.locale);
  return (
    <>
      <button
        type="button"
        className="tool bell"
        aria-label={count > 0 ? t`Notifications, ${number} unread` : t`Notifications`}
        aria-haspopup="dialog"
        onClick={open}
      >
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
          <path d="M10 3a4.5 4.5 0 0 0-4.5 4.5c0 4-1.5 5-1.5 6h12c0-1-1.5-2-1.5-6A4.5 4.5 0 0 0 10 3Zm-1.7 12.5a1.8 1.8 0 0 0 3.4 0" />
        </svg>
        {count > 0 && <span className="badge number">{count > 99 ? (count >= most ? "1k+" : "99+") : number}</span>}
      </button>
      {isWanted && (
        <LazyPart>
          <NotificationPanel isOpen={isOpen} onClose={() => setOpen(false)} />
        </LazyPart>
      )}
    </>
  );
}
