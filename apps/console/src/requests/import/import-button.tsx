import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { LazyPart, lazyPart } from "../../parts/lazy-part";

const ImportDialog = lazyPart(async () => (await import("./import-dialog")).ImportDialog);

/** Creates and changes requests by a file. */
export function ImportButton() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="quiet wide-only" aria-haspopup="dialog" data-action="import" onClick={() => setOpen(true)}>
        <Trans>Import</Trans>
      </button>
      {isOpen && (
        <LazyPart>
          <ImportDialog onClose={() => setOpen(false)} />
        </LazyPart>
      )}
    </>
  );
}
