import { useLiveQuery } from "@weft/react";
import type { ReactNode } from "react";
import { graphql } from "./gql";
import { useLogOut } from "./log-out";
import { ViewerContext } from "./viewer";

const frameQuery = graphql(`
  query Frame {
    liveCursor
    me {
      id
      name
    }
    taskCounts {
      offeredToMe
    }
  }
`);

const countChanged = graphql(`
  subscription CountChanged($after: String) {
    taskChanged(after: $after) {
      cursor
      occurredAt
    }
  }
`);

interface FrameProps {
  /** First part of the path. */
  readonly screen: string;
  readonly children: ReactNode;
}

/** What surrounds every screen: the navigation, and the user. */
export function Frame({ screen, children }: FrameProps) {
  const logOut = useLogOut();
  const { data } = useLiveQuery(frameQuery, countChanged);
  const count = data?.taskCounts?.offeredToMe ?? 0;
  const isInbox = screen !== "requests";

  return (
    <>
      <a className="skip" href="#content" onClick={skipToContent}>
        Skip to the content
      </a>
      <header className="frame">
        <a className="brand" href="#/inbox">
          <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="26" height="26" />
          my-weft-app
        </a>
        <nav aria-label="Main">
          <a href="#/inbox" aria-current={isInbox ? "page" : undefined}>
            Inbox
            {count > 0 && (
              <span className="count">
                {count}
                <span className="hidden"> tasks</span>
              </span>
            )}
          </a>
          <a href="#/requests" aria-current={isInbox ? undefined : "page"}>
            Requests
          </a>
        </nav>
        <span className="user">{data?.me?.name}</span>
        <button type="button" className="quiet" onClick={() => void logOut()}>
          Log out
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        <ViewerContext value={data?.me?.id ?? null}>{children}</ViewerContext>
      </main>
    </>
  );
}

/** The part of the address after `#` is that of the router. */
function skipToContent(event: { preventDefault: () => void }) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}
