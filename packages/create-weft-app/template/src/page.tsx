import { ErrorMessage, type LiveQueryResult } from "@weft/react";
import { useEffect, useRef, type ReactNode } from "react";

interface PageProps {
  readonly title: string;
  /** Where the user came from: path and name. */
  readonly back?: readonly [path: string, name: string];
  /** Follows the title. */
  readonly aside?: ReactNode;
  /** The live data of the page. */
  readonly live?: Pick<LiveQueryResult<unknown>, "status" | "error" | "isLoading">;
  readonly children: ReactNode;
}

/** The first page gets no focus, because the browser starts at its beginning anyway. */
let isFirst = true;

/** A screen. Its heading gets the focus, so that screen readers say where the user is. */
export function Page({ title, back, aside, live, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
    scrollTo(0, 0);
  }, []);
  return (
    <article className="page">
      <title>{`${title} · my-weft-app`}</title>
      {back && (
        <a className="back" href={`#${back[0]}`}>
          ← {back[1]}
        </a>
      )}
      <div className="heading">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {live && (
          <span className="live" data-status={live.status} role="status">
            {live.status === "live" ? "Live" : "Connecting…"}
          </span>
        )}
        {aside && <div className="aside">{aside}</div>}
      </div>
      <ErrorMessage error={live?.error ?? null} />
      {children}
    </article>
  );
}

/** What a list shows while it has no rows. */
export const Empty = ({ children }: { readonly children: ReactNode }) => <p className="empty">{children}</p>;

/** What a page shows while it loads for the first time. */
export const Loading = () => (
  <p className="empty" role="status">
    Loading…
  </p>
);
