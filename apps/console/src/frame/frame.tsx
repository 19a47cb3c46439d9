import { Trans } from "@lingui/react/macro";
import { Link, useMatches } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import { useEffect, useEffectEvent } from "react";
import { graphql } from "../gql";
import { NotificationBell } from "../notifications/notification-bell";
import { PaletteButton } from "../palette/palette-button";
import { useCalmQuery } from "../parts/use-calm-query";
import { useLoaded } from "../parts/use-loaded";
import { KeyboardHelp } from "./keyboard-help";
import { Message } from "./messages";
import { NewerVersion } from "./newer-version";
import { Place } from "./place";
import { Sections } from "./sections";
import { UserMenu } from "./user-menu";
import { ViewerContext } from "./viewer";

const viewerQuery = graphql(`
  query ConsoleViewer {
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
  }
`);

const countsQuery = graphql(`
  query ConsoleCounts {
    liveCursor
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

const counted = [{ subscription: countChanged }];

/** What surrounds every page: the navigation, the user, and whether what is shown is up to date. */
export function Frame() {
  const viewer = useLoaded(viewerQuery, {});
  const me = viewer.data?.me ?? null;
  const retry = useEffectEvent(() => void viewer.reload());
  useEffect(() => {
    if (viewer.error === null) return undefined;
    const timer = setTimeout(() => retry(), 3_000);
    return () => clearTimeout(timer);
  }, [viewer.error]);
  const { data, status, isLoading } = useCalmQuery(countsQuery, counted, {}, 500);
  const isAlone = useMatches({ select: (matches) => matches.some(({ staticData }) => staticData.isWithoutFrame === true) });
  const count = data?.taskCounts?.offeredToMe ?? 0;
  const isBehind = !isLoading && status === "behind";
  useEffect(() => {
    document.title = count > 0 ? `(${count}) Weft` : "Weft";
  }, [count]);
  if (isAlone)
    return (
      <main className="main alone-page">
        <ViewerContext value={me}>
          <Place />
        </ViewerContext>
        <NewerVersion isBehind={isBehind} isUnattended />
      </main>
    );
  return (
    <ViewerContext value={me}>
      <div className="frame">
        <a className="skip" href="#content">
          <Trans>Skip to the content</Trans>
        </a>
        <aside className="side" aria-label={me?.tenant?.name ?? "Weft"}>
          <Link className="brand" to="/">
            <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="20" height="20" />
            <span>{me?.tenant?.name ?? "Weft"}</span>
          </Link>
          <div className="tools">
            <PaletteButton />
            <NotificationBell />
          </div>
          <NewerVersion isBehind={isBehind} />
          <Sections viewer={me} counts={data?.taskCounts ?? null} />
          {me && <UserMenu name={me.name} email={me.email} />}
        </aside>
        <main className="main" id="content" tabIndex={-1}>
          {me === null && viewer.error !== null ? (
            <Message title={<Trans>Weft cannot be reached.</Trans>}>
              <ErrorMessage error={viewer.error} />
            </Message>
          ) : (
            <Place />
          )}
        </main>
        <KeyboardHelp />
        <p role="status" className={isBehind ? "connection" : "hidden"}>
          {isBehind && <Trans>No connection to Weft. What you see may have changed.</Trans>}
        </p>
      </div>
    </ViewerContext>
  );
}
