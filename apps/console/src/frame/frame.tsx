import { Trans } from "@lingui/react/macro";
import { Link, useMatches } from "@tanstack/react-router";
import { useLiveQuery } from "@weft/react";
import { useEffect } from "react";
import { graphql } from "../gql";
import { NotificationBell } from "../notifications/notification-bell";
import { PaletteButton } from "../palette/palette-button";
import { KeyboardHelp } from "./keyboard-help";
import { NewerVersion } from "./newer-version";
import { Place } from "./place";
import { Sections } from "./sections";
import { UserMenu } from "./user-menu";
import { ViewerContext } from "./viewer";

const frameQuery = graphql(`
  query ConsoleFrame {
    liveCursor
    me {
      id
      name
      email
      type
      tenant {
        id
        name
      }
      effectivePermissions {
        permission
        scopes
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
  const isAlone = useMatches({ select: (matches) => matches.some(({ staticData }) => staticData.isWithoutFrame === true) });
  const count = data?.taskCounts?.offeredToMe ?? 0;
  const isBehind = !isLoading && status === "behind";
  useEffect(() => {
    document.title = count > 0 ? `(${count}) Weft` : "Weft";
  }, [count]);
  if (isAlone)
    return (
      <main className="main alone-page">
        <ViewerContext value={data?.me ?? null}>
          <Place />
        </ViewerContext>
        <NewerVersion isBehind={isBehind} isUnattended />
      </main>
    );
  return (
    <ViewerContext value={data?.me ?? null}>
      <div className="frame">
        <a className="skip" href="#content">
          <Trans>Skip to the content</Trans>
        </a>
        <aside className="side" aria-label={data?.me?.tenant?.name ?? "Weft"}>
          <Link className="brand" to="/">
            <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="20" height="20" />
            <span>{data?.me?.tenant?.name ?? "Weft"}</span>
          </Link>
          <div className="tools">
            <PaletteButton />
            <NotificationBell />
          </div>
          <NewerVersion isBehind={isBehind} />
          <Sections viewer={data?.me ?? null} counts={data?.taskCounts ?? null} />
          {data?.me && <UserMenu name={data.me.name} email={data.me.email} />}
        </aside>
        <main className="main" id="content" tabIndex={-1}>
          <Place />
        </main>
        <KeyboardHelp />
        <p role="status" className={isBehind ? "connection" : "hidden"}>
          {isBehind && <Trans>No connection to Weft. What you see may have changed.</Trans>}
        </p>
      </div>
    </ViewerContext>
  );
}
