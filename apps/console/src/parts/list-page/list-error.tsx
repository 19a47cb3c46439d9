import { Trans } from "@lingui/react/macro";
import type { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";

interface ListErrorProps {
  readonly error: WeftError | null;
  readonly reload: () => void;
}

/** Why a list, or its next page, could not be loaded. */
export const ListError = ({ error, reload }: ListErrorProps) =>
  error !== null && (
    <div className="list-error">
      <ErrorMessage error={error} />
      <button type="button" className="link" onClick={reload}>
        <Trans>Try again</Trans>
      </button>
    </div>
  );
