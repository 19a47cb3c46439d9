import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Textarea } from "@mantine/core";
import { ErrorMessage, useAction, useLiveQuery } from "@weft/react";
import { useState, type SyntheticEvent } from "react";
import { dateText, relativeText } from "../formats/times";
import { useTextDraft } from "../parts/drafts";
import { commentChanged, commentsQuery, writeComment } from "./comment-operations";

interface CommentsProps {
  readonly requestId: string;
  readonly viewerId: string;
}

/** What the requester, the organization and the vendor say to each other. Internal comments are for others. */
export function Comments({ requestId, viewerId }: CommentsProps) {
  const { t, i18n } = useLingui();
  const [last, setLast] = useState(20);
  const { data, error } = useLiveQuery(commentsQuery, commentChanged, { id: requestId, last }, { keepsPreviousData: true });
  const [text, setText] = useTextDraft(viewerId, `comment:${requestId}`);
  const write = useAction(writeComment);
  const comments = data?.request?.comments.edges.map(({ node }) => node) ?? [];
  const earlier = (data?.request?.comments.totalCount ?? 0) - comments.length;
  async function send(event: SyntheticEvent): Promise<void> {
    event.preventDefault();
    if (text.trim() === "" || write.isPending) return;
    if (await write.run({ input: { id: requestId, audience: "PUBLIC", text } })) setText("");
  }
  return (
    <section className="comments" aria-labelledby="comments">
      <h2 id="comments">
        <Trans>Comments</Trans>
      </h2>
      <ErrorMessage error={error} />
      {earlier > 0 && last < 100 && (
        <button type="button" className="link" onClick={() => setLast(100)}>
          <Trans>Show earlier comments</Trans>
        </button>
      )}
      <ol>
        {comments.map(({ id, author, createdAt, editedAt, text: said }) => (
          <li key={id} data-own={author?.id === viewerId}>
            <p className="soft">
              <strong>{author?.name ?? t`Somebody`}</strong>{" "}
              <time dateTime={createdAt} title={dateText(createdAt, i18n.locale)}>
                {relativeText(createdAt, i18n.locale)}
              </time>
              {editedAt !== null && ` · ${t`changed`}`}
            </p>
            <p className="said">{said}</p>
          </li>
        ))}
      </ol>
      <form onSubmit={(event) => void send(event)}>
        <Textarea
          autosize
          minRows={2}
          aria-label={t`Write a comment`}
          placeholder={t`Write a comment`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send(event);
          }}
        />
        <ErrorMessage error={write.error} />
        <Button type="submit" variant="default" loading={write.isPending} disabled={text.trim() === ""}>
          <Trans>Comment</Trans>
        </Button>
      </form>
    </section>
  );
}
