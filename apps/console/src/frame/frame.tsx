import { Trans } from "@lingui/react/macro";
import { Link, useMatches } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import { useCallback, useEffect, useEffectEvent } from "react";
import { graphql } from "../gql";
import { NotificationBell } from "../notifications/notification-bell";
import { PaletteButton } from "../palette/palette-button";
import { LazyPart, lazyPart } from "../parts/lazy-part";
import { useCalmQuery } from "../parts/use-calm-query";
import { useLoaded } from "../parts/use-loaded";
import { KeyboardHelp } from "./keyboard-help";
import { Message } from "./messages";
import { NewerVersion } from "./newer-version";
import { brandOf, chooseRegionOf } from "./organization";
import { Place } from "./place";
import { Sections } from "./sections";
import { UserMenu } from "./user-menu";
import { ReloadViewerContext, ViewerContext } from "./viewer";

const FollowOrganization = lazyPart(async () => (await import("./follow-organization")).FollowOrganization);

const viewerQuery = graphql(`
  query ConsoleViewer {
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
      profile {
        locale
        timeZone
      }
      effectivePermissions {
        permission
        scopes
      }
    }
    effectiveConfiguration {
      value
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
  const viewer = useLoaded(viewerQuery, {}, { onLoaded: chooseRegionOf });
  const me = viewer.data?.me ?? null;
  const brand = brandOf(viewer.data?.effectiveConfiguration ?? null);
  const title = brand.name ?? "Weft";
  const reload = useCallback(() => void viewer.reload(), [viewer.reload]);
  const retry = useEffectEvent(reload);
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
    document.title = count > 0 ? `(${count}) ${title}` : title;
  }, [count, title]);
  const organization = me && (
    <LazyPart>
      <FollowOrganization primaryColor={brand.primaryColor} after={viewer.data?.liveCursor ?? null} onChanged={reload} />
    </LazyPart>
  );
  if (isAlone)
    return (
      <main className="main alone-page">
        <ViewerContext value={me}>
          <Place />
        </ViewerContext>
        {organization}
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
            <img src={brand.logoUrl ?? `${import.meta.env.BASE_URL}favicon.svg`} alt="" width="20" height="20" />
            <span>{brand.name ?? me?.tenant?.name ?? "Weft"}</span>
          </Link>
          <div className="tools">
            <PaletteButton />
            <NotificationBell />
          </div>
          {organization}
          <NewerVersion isBehind={isBehind} />
          <Sections viewer={me} counts={data?.taskCounts ?? null} />
          {me && <UserMenu name={me.name} email={me.email} supportEmail={brand.supportEmail} />}
        </aside>
        <main className="main" id="content" tabIndex={-1}>
          {me === null && viewer.error !== null ? (
            <Message title={<Trans>Weft cannot be reached.</Trans>}>
              <ErrorMessage error={viewer.error} />
            </Message>
          ) : (
            <ReloadViewerContext value={reload}>
              <Place />
            </ReloadViewerContext>
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
