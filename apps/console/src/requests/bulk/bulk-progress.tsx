import { Plural, Trans } from "@lingui/react/macro";
import { ErrorMessage, useAction, useLiveQuery } from "@weft/react";
import { bulkProgressed, bulkProgressQuery, cancelBulkOperation } from "./bulk-operations";

/** How far a bulk operation is, live, and what it could not change. */
export function BulkProgress({ id }: { readonly id: string }) {
  const { data, error } = useLiveQuery(bulkProgressQuery, bulkProgressed, { id });
  const cancel = useAction(cancelBulkOperation);
  const operation = data?.bulkOperation;
  if (!operation) return <ErrorMessage error={error} />;
  const { total, done, failed, status, message, items } = operation;
  const isRunning = status === "RUNNING";
  return (
    <div className="dialog-form" data-status={status}>
      <progress max={total} value={done + failed} aria-labelledby="bulk-progress" />
      <p role="status" id="bulk-progress">
        <Trans>
          {done} of {total} changed
        </Trans>
        {failed > 0 && (
          <>
            {", "}
            <Plural value={failed} one="# stays as it is" other="# stay as they are" />
          </>
        )}
      </p>
      {message !== null && <p className="notice warn">{message}</p>}
      {items.edges.length > 0 && (
        <ul className="reasons">
          {items.edges.map(({ node }) => (
            <li key={node.position}>
              <span className="number soft">
                {node.subject?.__typename === "Request" ? node.subject.number : `#${String(node.position)}`}
              </span>{" "}
              {node.message}
            </li>
          ))}
        </ul>
      )}
      <ErrorMessage error={cancel.error ?? error} />
      {isRunning ? (
        <button type="button" className="link" onClick={() => void cancel.run({ input: { id } })}>
          <Trans>Stop. What is changed stays changed.</Trans>
        </button>
      ) : (
        <p className="soft">
          {status === "COMPLETED" ? <Trans>The operation is complete.</Trans> : <Trans>The operation has ended early.</Trans>}
        </p>
      )}
    </div>
  );
}
