import { Trans } from "@lingui/react/macro";
import { WeftError } from "@weft/client";
import { ErrorMessage, useWeft } from "@weft/react";
import { useState } from "react";
import { downloadQuery, type FileOfRequest } from "./file-operations";

type LinkedFile = Pick<FileOfRequest, "id" | "name" | "status" | "reason">;

/** The name of a file, which downloads it. The link is made when it is used, because it expires. */
export function FileLink({ file: { id, name, status, reason } }: { readonly file: LinkedFile }) {
  const client = useWeft();
  const [error, setError] = useState<WeftError | null>(null);
  const [wasRefused, setRefused] = useState(false);
  const isScanning = status === "SCANNING" || (wasRefused && status !== "STORED");
  if (status === "REJECTED")
    return (
      <span>
        {name}{" "}
        <span className="late">
          <Trans>not accepted:</Trans> {reason}
        </span>
      </span>
    );
  if (status === "PENDING")
    return (
      <span>
        {name}{" "}
        <span className="soft">
          <Trans>is being uploaded</Trans>
        </span>
      </span>
    );
  async function download() {
    setError(null);
    try {
      const { file } = await client.query(downloadQuery, { id });
      if (file?.download) save(file.download.url, name);
      else setRefused(true);
    } catch (problem) {
      if (!(problem instanceof WeftError)) throw problem;
      setError(problem);
    }
  }
  return (
    <>
      <button type="button" className="link" onClick={() => void download()}>
        {name}
      </button>
      {isScanning && (
        <span className="soft" role="status">
          {" "}
          <Trans>is being scanned for malware</Trans>
        </span>
      )}
      <ErrorMessage error={error} />
    </>
  );
}

/** Saves what an address answers with. Unlike a visit of it, an error leaves the page as it is. */
function save(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
