import { Trans } from "@lingui/react/macro";
import { Link, Outlet } from "@tanstack/react-router";
import { useLiveQuery } from "@weft/react";
import { useEffect } from "react";
import { graphql } from "../gql";
import { QueueLinks } from "../inbox/queue-links";
import { KeyboardHelp } from "./keyboard-help";
import { UserMenu } from "./user-menu";
import { ViewerContext } from "./viewer";

const frameQuery = graphql(`
  query ConsoleFrame {
    liveCursor
    me {
      id
      name
      email
      tenant {
        id
        name
      }
    }
    taskCounts {
      offeredToMe
      mine
      team
      unassigned
      overdue
    }
  }
`);

const countChanged = graphql(`
  subscription ConsoleCountChanged($after: String) {
    taskChanged(after: $after) {
      cursor
      occurredAt
    }
  }
`);

/** What surrounds every page: the navigation, the user, and whether what is shown is up to date. */
export function Frame() {
  const { data, status, isLoading } = useLiveQuery(frameQuery, countChanged);
  const count = data?.taskCounts?.offeredToMe ?? 0;
  const isBehind = !isLoading && status === "behind";
  useEffect(() => {
    document.title = count > 0 ? `(${count}) Weft` : "Weft";
  }, [count]);
  return (
    <div className="frame">
      <a className="skip" href="#content">
        <Trans>Skip to the content</Trans>
      </a>
      <header className="side">
        <Link className="brand" to="/inbox">
          <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="20" height="20" />
          <span>{data?.me?.tenant?.name ?? "Weft"}</span>
        </Link>
        <nav aria-labelledby="lists">
          <p id="lists" className="label">
            <Trans>Inbox</Trans>
          </p>
          <QueueLinks counts={data?.taskCounts ?? null} />
        </nav>
        {data?.me && <UserMenu name={data.me.name} email={data.me.email} />}
      </header>
      <main className="main" id="content" tabIndex={-1}>
        <ViewerContext value={data?.me?.id ?? null}>
          <Outlet />
        </ViewerContext>
      </main>
      <KeyboardHelp />
      <p role="status" className={isBehind ? "connection" : "hidden"}>
        {isBehind && <Trans>No connection to Weft. What you see may have changed.</Trans>}
      </p>
    </div>
  );
}
