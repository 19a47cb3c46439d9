import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { LazyPart, lazyPart } from "../parts/lazy-part";

// Few tasks need them, so they are loaded when they are opened.
const Comments = lazyPart(async () => (await import("../parts/comments/comments")).Comments);
const Files = lazyPart(async () => (await import("../parts/files/files")).Files);

/** The comments and files of the request that a task is about, and the way to its page. */
export function Talk({ requestId }: { readonly requestId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Link className="link" to="/requests/$id" params={{ id: requestId }}>
        <Trans>Open the whole request</Trans>
      </Link>
      <details className="history talk" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <Trans>Comments and files</Trans>
        </summary>
        {isOpen && (
          <LazyPart fallback={<div className="placeholder high" role="status" aria-busy="true" />}>
            <Comments requestId={requestId} />
            <Files requestId={requestId} />
          </LazyPart>
        )}
      </details>
    </>
  );
}
