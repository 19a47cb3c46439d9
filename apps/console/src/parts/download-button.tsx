import { Trans } from "@lingui/react/macro";
import { WeftError } from "@weft/client";
import { ErrorMessage, useWeft } from "@weft/react";
import { useState } from "react";
import { graphql } from "../gql";

const downloadQuery = graphql(`
  query ConsoleDownloadFile($id: ID!) {
    file(id: $id) {
      id
      download {
        url
      }
    }
  }
`);

interface DownloadButtonProps {
  readonly file: { readonly id: string; readonly name: string; readonly status: string; readonly reason: string | null };
}

/** A file's name, which downloads it. Links to files expire, so each is made when it is needed. */
export function DownloadButton({ file: { id, name, status, reason } }: DownloadButtonProps) {
  const client = useWeft();
  const [error, setError] = useState<WeftError | null>(null);
  async function download(): Promise<void> {
    try {
      const { data, errors } = await client.execute(downloadQuery, { id });
      const url = data?.file?.download?.url;
      setError(errors[0] ?? null);
      if (url) Object.assign(document.createElement("a"), { href: url, download: name }).click();
    } catch (failure) {
      if (!(failure instanceof WeftError)) throw failure;
      setError(failure);
    }
  }
  if (status !== "STORED")
    return (
      <span>
        {name} <span className="soft">{reason ?? <Trans>It is being checked.</Trans>}</span>
      </span>
    );
  return (
    <>
      <button type="button" className="link" onClick={() => void download()}>
        {name}
      </button>
      <ErrorMessage error={error} />
    </>
  );
}
