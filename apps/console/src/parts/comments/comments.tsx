import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { ErrorMessage } from "@weft/react";
import { can, isFromInside, useViewer } from "../../frame/viewer";
import type { ConsoleCommentsQuery } from "../../gql/graphql";
import { EditedRequest } from "../editing/use-editing";
import { useLivePages } from "../pages/use-live-pages";
import { Comment } from "./comment";
import { commentChanged, commentsQuery, type CommentOfRequest } from "./comment-operations";
import { Composer } from "./composer";
import "../badge.css";
import "./comments.css";

interface CommentsProps {
  readonly requestId: string;
  /** false: comments are public, also if the user could write what the requester and vendors don't read. */
  readonly canBeInternal?: false;
}

interface CommentEvent {
  readonly requestCommentChanged: { readonly change: string };
}

/** The comments on a request, newest first, and the field to write one. Comments of others appear as they are written. */
export function Comments({ requestId, canBeInternal }: CommentsProps) {
  const viewer = useViewer();
  const canWrite = can(viewer, "request.comment");
  const list = useLivePages<ConsoleCommentsQuery, { readonly id: string }, CommentOfRequest>({
    query: commentsQuery,
    sources: [
      {
        subscription: commentChanged,
        variables: { id: requestId },
        concerns: ({ requestCommentChanged: { change } }: CommentEvent) => {
          if (change !== "ADDED") list.forgetOlder();
          return true;
        },
      },
    ],
    variables: { id: requestId },
    pageOf: ({ request }) => request?.comments,
  });
  // Until the server has answered, so that the field is there at once.
  const isAllowed = list.data?.request?.viewerCanCommentInternally ?? isFromInside(viewer);
  const { page, error, isLoadingMore, loadMore, reload } = list;
  const comments = page?.edges.map(({ node }) => node) ?? null;
  return (
    <EditedRequest value={requestId}>
      <div className="comments">
        {canWrite && <Composer requestId={requestId} canBeInternal={canBeInternal ?? isAllowed} onSent={() => void reload()} />}
        <ErrorMessage error={error} />
        {comments === null ? (
          error === null && <div className="placeholder high" role="status" aria-busy="true" />
        ) : comments.length === 0 ? (
          <p className="soft">
            <Trans>Nobody has commented on this request.</Trans>
          </p>
        ) : (
          <ol>
            {comments.map((comment) => (
              <Comment key={comment.id} comment={comment} onChanged={() => void reload()} />
            ))}
          </ol>
        )}
        {page?.pageInfo.hasNextPage && (
          <Button variant="default" size="xs" aria-disabled={isLoadingMore} onClick={loadMore}>
            <Trans>Show earlier comments</Trans>
          </Button>
        )}
      </div>
    </EditedRequest>
  );
}
