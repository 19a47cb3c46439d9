import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { ErrorMessage, useLiveQuery } from "@weft/react";
import { useState } from "react";
import { dayText } from "../formats/days";
import { can, useViewer } from "../frame/viewer";
import { answersDraft } from "../parts/answers-draft";
import { useDraft } from "../parts/drafts";
import { FileLink } from "../parts/files/file-link";
import { Placeholders } from "../parts/placeholders";
import "../portal/portal.css";
import "./vendor.css";
import { AddDocument } from "./add-document";
import { DocumentStatus, Missing } from "./document-status";
import { documentsQuery, notified, type VendorDocument } from "./vendor-operations";

/** What the vendor must prove, and the documents that it has handed in. */
export function DocumentsPage() {
  const viewer = useViewer();
  const { data, error, reload } = useLiveQuery(documentsQuery, notified);
  const vendor = data?.me?.vendor ?? null;
  const [draft, keep] = useDraft(`document:${vendor?.id ?? ""}`, answersDraft);
  /** The kind of the document that is being added. An empty text: any. */
  const [chosen, setAdding] = useState<string | null>(null);
  const adding = chosen ?? (draft === null ? null : "");
  const begin = (kind: string): void => {
    if (draft !== null) keep({ ...draft, kind });
    setAdding(kind);
  };
  const close = (): void => {
    setAdding(null);
    keep(null);
  };
  const missing = vendor?.missingDocuments ?? [];
  const documents = data?.vendorDocuments?.edges.map(({ node }) => node) ?? null;
  const canAdd = can(viewer, "vendorDocument.create") && vendor !== null;
  return (
    <div className="portal" data-page="documents">
      <h1>
        <Trans>Documents</Trans>
      </h1>
      <ErrorMessage error={error} />
      {documents === null && error === null && <Placeholders />}
      {missing.length > 0 && (
        <section aria-labelledby="missing" className="notice warn">
          <h2 id="missing">
            <Trans>Without these documents, your company gets no new work</Trans>
          </h2>
          <ul>
            {missing.map((one) => (
              <li key={one.kind} className="missing">
                <Missing missing={one} />
                {canAdd && one.reason !== "NOT_REVIEWED" && (
                  <Button size="xs" variant="default" onClick={() => begin(one.kind)}>
                    <Trans>Add it</Trans>
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {canAdd &&
        (adding === null ? (
          <div className="buttons">
            <Button variant="default" onClick={() => setAdding("")}>
              <Trans>Add a document</Trans>
            </Button>
          </div>
        ) : (
          <AddDocument
            key={adding}
            vendorId={vendor.id}
            kind={adding}
            draft={draft}
            onChange={keep}
            onClose={close}
            onDone={() => {
              close();
              void reload();
            }}
          />
        ))}
      {documents !== null && (
        <section aria-labelledby="documents" className="files">
          <h2 id="documents">
            <Trans>Your documents</Trans>
          </h2>
          {documents.length === 0 && (
            <p className="soft">
              <Trans>Your company has handed in no documents yet.</Trans>
            </p>
          )}
          <ul className="list">
            {documents.map((document) => (
              <Row key={document.id} document={document} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Row({
  document: { title, kind, number, validUntil, isExpired, status, reason, attachments },
}: {
  readonly document: VendorDocument;
}) {
  const { i18n, t } = useLingui();
  const files = attachments?.edges.flatMap(({ node }) => (node.file ? [node.file] : [])) ?? [];
  const until = validUntil === null ? null : dayText(validUntil, i18n.locale);
  return (
    <li className="document">
      <strong>{title}</strong>
      <DocumentStatus status={status} isExpired={isExpired} />
      <span className="soft">{[kind, number, until !== null && t`valid until ${until}`].filter(Boolean).join(" · ")}</span>
      {reason !== null && <p className="late">{reason}</p>}
      {files.map((file) => (
        <FileLink key={file.id} file={file} />
      ))}
    </li>
  );
}
